from casemgr.kit.management.not_yet import NotYet


class Command(NotYet):
    help = "Say what is configured, what is missing and how to mend it (not yet)."
