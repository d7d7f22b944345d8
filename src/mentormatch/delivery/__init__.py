"""What leaves the library: workbook, report, letters, calendars, files, pictures."""
