"""Evidence: what is taken in, what is made from our own data, how it is numbered, and the frozen pack.

Adding a document is one file and one line here.
"""

from appeals.evidence import malicious_analysis, order_timeline, rectify_plan
from appeals.evidence.document import Document
from appeals.models import Case
from stores.enums import NeedLevel
from stores.models import EvidenceNeed

DOCUMENTS: dict[str, Document] = {
    module.DOCUMENT.key: module.DOCUMENT for module in (order_timeline, malicious_analysis, rectify_plan)
}


def documents_for(case: Case) -> list[Document]:
    """The documents that the case's line of defence has a use for, in the order of the registry."""
    needs = EvidenceNeed.objects.filter(line_of_defence=case.line_of_defence).exclude(level=NeedLevel.NOT_USED)
    wanted = set(needs.values_list("requirement__key", flat=True))
    return [document for document in DOCUMENTS.values() if document.requirement in wanted]
