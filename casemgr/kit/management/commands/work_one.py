"""Run one job that a worker has claimed, in this process. Called by casemgr.kit.isolation, hardly ever by a person."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casemgr.kit import jobs
from casemgr.kit.models import Job


class Command(BaseCommand):
    help = "Run one claimed job (its key and the token of the claim) in this process."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("pk", type=int)
        parser.add_argument("token")

    def handle(self, *args: Any, **options: Any) -> None:
        job = Job.objects.filter(pk=options["pk"], token=options["token"], state=Job.State.RUNNING).first()
        if job is None:
            raise CommandError("No worker holds this job with this token.")
        jobs.execute(job, may_fork=False)
