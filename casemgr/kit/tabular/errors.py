"""Why a file could not be read as a table, in words: what happened, that nothing was kept, what to do next."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "empty": _("The file is empty. Nothing was kept. Export it again and check that it opens before you choose it."),
    "only_header": _(
        "The file has column names but no rows under them. Nothing was kept. "
        "Check the time range of the export and export again."
    ),
    "no_header": _(
        "No row with column names was found in the first ten rows. Nothing was kept. "
        "Choose the file as the platform exported it, with its column names."
    ),
    "binary": _(
        "This is not a table: the file holds binary data. Nothing was kept. Choose an XLSX or CSV file as exported."
    ),
    "pdf": _("This is a PDF, not a table. Nothing was kept. Export the same data as XLSX or CSV."),
    "image": _("This is a picture, not a table. Nothing was kept. Export the same data as XLSX or CSV."),
    "media": _("This is a video or sound file, not a table. Nothing was kept. Choose an XLSX or CSV file."),
    "archive": _("This is a packed file. Nothing was kept. Unpack it and choose the XLSX or CSV file inside."),
    "document": _("This is a text document or a presentation, not a table. Nothing was kept. Save it as XLSX or CSV."),
    "html": _(
        "This file is a web page that only looks like a table. Nothing was kept. "
        "Open it in Excel or WPS, save it as XLSX, and choose that file."
    ),
    "xml_sheet": _(
        "This file is an XML table of an old kind. Nothing was kept. "
        "Open it in Excel or WPS, save it as XLSX, and choose that file."
    ),
    "xls": _(
        "This is an old Excel file (.xls). Nothing was kept. "
        "Open it in Excel or WPS, save it as XLSX, and choose that file."
    ),
    "xlsb": _(
        "This is a binary Excel file (.xlsb). Nothing was kept. "
        "Open it in Excel or WPS, save it as XLSX, and choose that file."
    ),
    "ods": _("This is an OpenDocument table (.ods). Nothing was kept. Save it as XLSX or CSV, and choose that file."),
    "macro": _("This workbook contains macros. Nothing was kept. Save it as XLSX without macros and choose that file."),
    "protected": _(
        "This file is protected by a password. Nothing was kept. "
        "Open it with the password, save it without one, and choose that file."
    ),
    "damaged": _(
        "The workbook is damaged or was not downloaded completely. Nothing was kept. Download it again; "
        "if it opens in Excel or WPS, save it as XLSX and choose that file."
    ),
    "bomb": _(
        "The file would unpack to far more than its size, as harmful files do. Nothing was kept. "
        "Export it again from the platform."
    ),
    "too_large": _(
        "The workbook is too large to read (%(found)s, at most %(limit)s). Nothing was kept. "
        "Save it as CSV, or export a shorter time range."
    ),
    "no_sheet": _("There is no sheet named “%(sheet)s” in the workbook. Nothing was kept. Choose one of its sheets."),
    "big5": _(
        "The file is written in Big5 (traditional Chinese). Nothing was kept. "
        "Save it as “CSV UTF-8” and choose that file."
    ),
    "encoding": _(
        "The characters cannot be read from line %(line)s on: neither UTF-8 nor GB18030. Nothing was kept. "
        "Download the file again, or save it as “CSV UTF-8”."
    ),
    "garbled": _(
        "The file can be decoded, but its characters make no sense (wrong encoding). Nothing was kept. "
        "Download the file again, or save it as “CSV UTF-8”."
    ),
    "quote_open": _(
        "A quotation mark opened in line %(line)s is never closed. Nothing was kept. "
        "Correct this line, or export the file again."
    ),
    "line_too_long": _(
        "Line %(line)s is longer than a table's line can be. Nothing was kept. Choose an XLSX or CSV file as exported."
    ),
}


class TableError(ValueError):
    """A file that cannot be read as a table. `code` is one of SENTENCES; `message` is translated when it is read."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    @property
    def message(self) -> str:
        """The sentence for the person who chose the file, in the language active now."""
        return str(SENTENCES[self.code]) % self.facts

    def __str__(self) -> str:
        return self.message
