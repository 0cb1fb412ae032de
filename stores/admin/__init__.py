"""The admin pages of this floor, one file a family."""

from stores.admin import calendar, people, platforms, policies, shops

__all__ = ["calendar", "people", "platforms", "policies", "shops"]
