from casemgr.kit.management.not_yet import NotYet


class Command(NotYet):
    help = "Check the audit chain, files, kept columns and invariants (not yet)."
