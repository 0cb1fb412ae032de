"""Evidence: what is taken in, what is made from our own data, how it is numbered, and the frozen pack.

Adding a document is one file and one line here.
"""

from appeals.evidence import (
    contact_records,
    malicious_analysis,
    order_timeline,
    outage_proof,
    platform_reports,
    rectify_plan,
    shop_performance,
    tracking_table,
)
from appeals.evidence.document import Document
from appeals.models import Case
from stores.enums import NeedLevel
from stores.models import EvidenceNeed

DOCUMENTS: dict[str, Document] = {
    module.DOCUMENT.key: module.DOCUMENT
    for module in (
        order_timeline,
        tracking_table,
        malicious_analysis,
        contact_records,
        platform_reports,
        outage_proof,
        shop_performance,
        rectify_plan,
    )
}
# Our own records that stand beside a kind of evidence and do not make up for it.
SUPPORTING = frozenset(key for key, document in DOCUMENTS.items() if document.is_supporting)


def documents_for(case: Case) -> list[Document]:
    """The documents that the case's line of defence has a use for, in the order of the registry."""
    needs = EvidenceNeed.objects.filter(line_of_defence=case.line_of_defence).exclude(level=NeedLevel.NOT_USED)
    wanted = set(needs.values_list("requirement__key", flat=True))
    return [document for document in DOCUMENTS.values() if document.requirement in wanted]
