"""What can be said of a document, and every word that is said to a user, in Danish and English.

Only texts and plain data may be here: no file, no parser, no schema. Read `finding` first (Finding, Report, Kind), then
`kinds`, the kinds of finding that come before the rules. `texts` and its neighbours hold all other words.
"""
