"""The way in, the shops, the rules."""

from django.urls import path

from stores.views import policies, policy_forms, shop_forms, shops, sign_in

urlpatterns = [
    path("login/", sign_in.SignIn.as_view(), name="login"),
    path("logout/", sign_in.SignOut.as_view(), name="logout"),
    path("shops/", shops.shop_list, name="shops"),
    path("shops/new/", shop_forms.shop_new, name="shop-new"),
    path("shops/merchants/new/", shop_forms.merchant_new, name="merchant-new"),
    path("shops/<str:code>/", shops.shop_page, name="shop"),
    path("shops/<str:code>/edit/", shop_forms.shop_edit, name="shop-edit"),
    path("shops/<str:code>/merchant/", shop_forms.merchant_edit, name="shop-merchant"),
    path("shops/<str:code>/handlers/add/", shop_forms.handler_add, name="shop-handler-add"),
    path("shops/<str:code>/handlers/remove/", shop_forms.handler_remove, name="shop-handler-remove"),
    path("shops/<str:code>/people/new/", shop_forms.member_new, name="shop-member-new"),
    path("policies/", policies.policy_list, name="policies"),
    path("policies/windows/new/", policy_forms.window_new, name="window-new"),
    path("policies/<str:platform>/<str:key>/", policies.policy_page, name="policy"),
    path("policies/<str:platform>/<str:key>/verify/", policies.policy_verify, name="policy-verify"),
    path("policies/<str:platform>/<str:key>/new/", policy_forms.policy_new, name="policy-new"),
]
