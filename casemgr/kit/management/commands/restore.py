from casemgr.kit.management.not_yet import NotYet


class Command(NotYet):
    help = "Restore a backup into an empty place (not yet)."
