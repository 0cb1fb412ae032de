"""The admin pages of this floor, one file a family."""

from stores.admin import calendar, legal, people, platforms, policies, shops

__all__ = ["calendar", "legal", "people", "platforms", "policies", "shops"]
