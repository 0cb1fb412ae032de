"""Addresses of alerts and orders."""

from django.urls import path

from orders.views import alert_steps, alerts, orders, recipients, screenings

urlpatterns = [
    path("alerts/", alerts.alert_list, name="alerts"),
    path("alerts/<str:code>/", alerts.alert_page, name="alert"),
    path("alerts/<str:code>/start/", alerts.alert_start, name="alert-start"),
    path("alerts/<str:code>/confirm/", alerts.alert_confirm, name="alert-confirm"),
    path("alerts/<str:code>/false-alarm/", alerts.alert_false_alarm, name="alert-false-alarm"),
    path("alerts/<str:code>/resolve/", alerts.alert_resolve, name="alert-resolve"),
    path("alerts/<str:code>/hold/", alert_steps.alert_hold, name="alert-hold"),
    path("alerts/<str:code>/holds/<str:hold_code>/remind/", alert_steps.alert_hold_remind, name="alert-hold-remind"),
    path("alerts/<str:code>/holds/<str:hold_code>/release/", alert_steps.alert_hold_release, name="alert-hold-release"),
    path("alerts/<str:code>/report/", alert_steps.alert_report, name="alert-report"),
    path(
        "alerts/<str:code>/reports/<str:report_code>/filed/", alert_steps.alert_report_filed, name="alert-report-filed"
    ),
    path(
        "alerts/<str:code>/reports/<str:report_code>/answer/",
        alert_steps.alert_report_answer,
        name="alert-report-answer",
    ),
    path("shops/<str:code>/screen/", screenings.shop_screen, name="shop-screen"),
    path("orders/", orders.order_list, name="orders"),
    path("orders/<str:store_code>/<path:order_no>/contact/", orders.order_contact, name="order-contact"),
    path("orders/<str:store_code>/<path:order_no>/decide/", orders.order_decide, name="order-decide"),
    path("orders/<str:store_code>/<path:order_no>/recipient/", recipients.order_recipient, name="order-recipient"),
    path("orders/<str:store_code>/<path:order_no>/", orders.order_page, name="order"),
    path("shops/<str:code>/recipients/", recipients.keep_recipients, name="shop-recipients"),
]
