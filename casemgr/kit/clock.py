from zoneinfo import ZoneInfo
SHANGHAI = ZoneInfo("Asia/Shanghai")
