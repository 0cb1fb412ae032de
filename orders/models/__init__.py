from orders.models.alert import AlertOrder, DetectorSetting, Hold, OrderReview, PlatformReport, ReviewContact, RiskAlert
from orders.models.import_run import ImportRefusal, ImportRun, MappingProfile
from orders.models.incident import Incident
from orders.models.order import Order, OrderLine
from orders.models.parcel import Carrier, Parcel, ParcelOrder, Scan
from orders.models.violation import Penalty, Violation, ViolationOrder

__all__ = [
    "AlertOrder",
    "Carrier",
    "DetectorSetting",
    "Hold",
    "ImportRefusal",
    "ImportRun",
    "Incident",
    "MappingProfile",
    "Order",
    "OrderLine",
    "OrderReview",
    "Parcel",
    "ParcelOrder",
    "Penalty",
    "PlatformReport",
    "ReviewContact",
    "RiskAlert",
    "Scan",
    "Violation",
    "ViolationOrder",
]
