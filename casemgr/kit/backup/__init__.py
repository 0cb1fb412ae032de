"""Backups: one file with the rows of all tables and all private files, the same for every database.

Rows are read in one moment of the database while work goes on, as lines of text that no database has its own way with:
so a backup of the embedded SQLite restores into PostgreSQL, which is how an agency moves to production. Not inside:
sessions, heartbeats, and the secrets of the installation, of which only fingerprints are kept.
"""

from casemgr.kit.backup.archive import NotWhole, check
from casemgr.kit.backup.restoring import Restored, restore
from casemgr.kit.backup.writing import Made, replace, write

__all__ = ["Made", "NotWhole", "Restored", "check", "replace", "restore", "write"]
