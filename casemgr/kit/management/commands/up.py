"""Everything in one command: prepare the database, then run web, worker and clock until Ctrl-C."""

from __future__ import annotations

import logging
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, get_user_model
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.urls import reverse
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from casemgr.kit import catalogues, durability, sweeping
from casemgr.kit.management.language import operators_language
from casemgr.kit.supervision import Child, Supervisor
from casemgr.kit.workflow import Refused

log = logging.getLogger(__name__)

# Wired by name: the ground floor imports nothing from above.
DEMO_LOGINS = "appeals.demo.logins"
DEMO_IS_TOLD = "appeals.demo.world.is_told"
FIRST_ADMINISTRATOR = "stores.actions.links.first_administrator"
ADMINISTRATORS_LOGIN = "admin@casemgr.local"
PORTS_TRIED = 20
START_LIMIT = 60.0  # seconds


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str, wanted: int) -> int:
    """`wanted`, or the next free port above it. Raises CommandError after 20 taken ones."""
    for port in range(wanted, wanted + PORTS_TRIED):
        if is_free(host, port):
            return port
    raise CommandError(f"Ports {wanted} to {wanted + PORTS_TRIED - 1} are all taken. Choose another with --port.")


def web_command(host: str, port: int) -> list[str]:
    """Gunicorn: two processes with four threads each, so that one heavy page does not hold up the others."""
    flags = [
        "--worker-class",
        "gthread",
        "--workers",
        "2",
        "--threads",
        "4",
        "--timeout",
        "120",
        "--graceful-timeout",
        "5",
    ]
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    quiet = ["--no-control-socket", "--log-level", "warning"]
    return [sys.executable, "-m", "gunicorn", "casemgr.wsgi:application", "--bind", where, *flags, *quiet]


def worker_command() -> list[str]:
    """Celery with the clock inside. Threads: jobs may take two of the four (jobs.SLOTS), the clock always finds one."""
    clock = ["-B", "--scheduler", "django_celery_beat.schedulers:DatabaseScheduler"]
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [sys.executable, "-m", "celery", "-q", "-A", "casemgr", "worker", *clock, "-P", "threads", "-c", "4",
            *alone, "-l", "WARNING"]  # fmt: skip


def free_leases(boot: str) -> None:
    """What a dead worker held is due again at once. Without the database the leases simply run out."""
    try:
        sweeping.free(boot)
    except DatabaseError as error:
        log.warning("leases of %s not freed: %s", boot, error)
    finally:
        connection.close()


class Command(BaseCommand):
    empty: str | None = None
    has_demo = False
    help = "Prepare the database and run web, worker and clock together until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port", type=int, default=8000, help="where to listen (default 8000; the next free one if taken)"
        )
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
        parser.add_argument(
            "--empty",
            nargs="?",
            const=ADMINISTRATORS_LOGIN,
            metavar="LOGIN",
            help=f"an agency of your own instead of the demo; its administrator signs in as LOGIN ({ADMINISTRATORS_LOGIN})",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.empty = options["empty"]
        self.has_demo = settings.DEMO and not self.empty
        if self.empty:
            os.environ["CASEMGR_DEMO"] = "0"  # for the processes started below
        self.prepare()
        host, wanted = options["host"], options["port"]
        port = free_port(host, wanted)
        if port != wanted:
            self.say(f"Port {wanted} is taken, so this is port {port}.")
        # Celery warns root in ten lines at every start; whoever runs this as root has been told by their system.
        os.environ.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser privileges")
        web, worker = Child("web", web_command(host, port)), Child("worker", worker_command(), free_leases)
        connection.close()  # what the children open is theirs; this process opens it again when it needs it
        supervisor = Supervisor([web, worker], self.say)
        supervisor.start()
        if self.wait_for(supervisor, web, host, port):
            self.greet(f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{port}/")
        supervisor.watch()

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def prepare(self) -> None:
        """Bring database, reference data, demo world and catalogues to what this version needs."""
        durability.check_sqlite()
        self.say("Preparing the database ...")
        call_command("migrate", verbosity=0, interactive=False)
        catalogues.compile_all()
        known = get_commands()
        if "load_reference" in known:
            call_command("load_reference", verbosity=0)
        if self.empty and import_string(DEMO_IS_TOLD)():
            raise CommandError(
                f"The demo world is in {settings.VAR_DIR} already, and your own work should not be mixed with it. Nothing"
                " was changed. Take another folder: make run EMPTY=1 CASEMGR_VAR=/path/to/a/folder"
            )
        if self.has_demo and "seed_demo" in known and not get_user_model().objects.exists():
            self.say("Telling the demo story (once, about a minute) ...")
            call_command("seed_demo", verbosity=0)
        # WhiteNoise looks for it even when it stays empty.
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        hashed = isinstance(staticfiles_storage, ManifestFilesMixin)
        if hashed and not (Path(settings.STATIC_ROOT) / "staticfiles.json").is_file():
            call_command("collectstatic", verbosity=0, interactive=False)

    def wait_for(self, supervisor: Supervisor, web: Child, host: str, port: int) -> bool:
        """Wait until the web process answers. False when it was told to stop, died, or took longer than a minute."""
        deadline = time.monotonic() + START_LIMIT
        while not supervisor.stopping.is_set() and time.monotonic() < deadline:
            if web.process and web.process.poll() is not None:
                return False
            try:
                socket.create_connection((host, port), timeout=1).close()
                return True
            except OSError:
                supervisor.stopping.wait(0.1)
        return False

    def greet(self, url: str) -> None:
        """The address, and who can sign in."""
        self.say(f"\nCaseMgr is running: {url}   (stop it with Ctrl-C)")
        if self.empty:
            return self.invite(url, self.empty)
        logins = self._logins()
        for one in logins:
            self.say(f"  {one['role']:<16} {one['login']:<24} {one['password']:<20} {one['name']}")
        if not logins and not get_user_model().objects.exists():
            self.say(
                "  Nobody can sign in yet: create the first person with `.venv/bin/python manage.py createsuperuser`."
            )
        connection.close()
        return None

    def invite(self, url: str, login: str) -> None:
        """The link with which the first administrator sets a password; none once there is one who can sign in."""
        with translation.override(operators_language()):
            try:
                link, token = import_string(FIRST_ADMINISTRATOR)(name=_("Administrator"), login=login)
            except Refused:
                self.say("  Sign in as the administrator, and invite people from there.")
            else:
                self.say(f"  Administrator: {link.user.email or link.user.phone}")
                self.say(
                    f"  Set the password here (once, within a day): {url.rstrip('/')}"
                    + reverse("password-link", args=[token])
                )
        connection.close()

    def _logins(self) -> list[dict[str, str]]:
        """The demo's people, one per role, with role, login, password and name; empty where they cannot sign in."""
        try:
            logins = import_string(DEMO_LOGINS)() if self.has_demo else []
        except ModuleNotFoundError:  # a build without the demo world
            return []
        is_told = bool(logins) and authenticate(username=logins[0]["login"], password=logins[0]["password"])
        first_of_role: dict[str, dict[str, str]] = {}
        for one in logins if is_told else []:
            first_of_role.setdefault(one["role"], one)
        return list(first_of_role.values())
