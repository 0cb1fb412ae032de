from casemgr.kit.management.not_yet import NotYet


class Command(NotYet):
    help = "Write a backup to a folder (not yet)."
