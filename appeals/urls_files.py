"""Addresses of private files."""

from django.urls import path

from appeals.views import files

urlpatterns = [
    path("files/evidence/<str:code>/", files.evidence, name="evidence-file"),
    path("files/evidence/<str:code>/<int:number>/", files.evidence_page, name="evidence-page"),
    path("files/packs/<str:code>/<int:position>/", files.pack, name="pack-file"),
    path("files/receipts/<str:code>/", files.receipt, name="receipt-file"),
]
