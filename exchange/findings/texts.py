"""The texts of reports and command line, except the findings' own, in English and Danish."""

from __future__ import annotations

from exchange.findings.changes_texts import CHANGES_TEXTS
from exchange.findings.mapping_texts import MAPPING_TEXTS
from exchange.findings.output_texts import OUTPUT_TEXTS
from exchange.findings.placeholders import PLACEHOLDERS
from exchange.findings.placeholders import Words as Words
from exchange.findings.publishing_texts import PUBLISHING_TEXTS
from exchange.findings.receipt_texts import RECEIPT_TEXTS
from exchange.findings.report_texts import REPORT_TEXTS
from exchange.findings.signature_texts import SIGNATURE_TEXTS
from exchange.findings.titles import TITLES

TEXTS: dict[str, Words] = {
    **CHANGES_TEXTS,
    **OUTPUT_TEXTS,
    **RECEIPT_TEXTS,
    **MAPPING_TEXTS,
    **PUBLISHING_TEXTS,
    **REPORT_TEXTS,
    **SIGNATURE_TEXTS,
    **TITLES,
    "accepted": Words("accepted", "accepteret"),
    "rejected": Words("rejected", "afvist"),
    "undetermined": Words("undetermined", "uafklaret"),
    "not-checked": Words("not checked", "ikke kontrolleret"),
    "error": Words("error", "fejl"),
    "warning": Words("warning", "advarsel"),
    "info": Words("info", "oplysning"),
    "errors": Words("errors", "fejl"),
    "warnings": Words("warnings", "advarsler"),
    "note": Words("note", "oplysning"),
    "infos": Words("notes", "oplysninger"),
    "file": Words("file", "fil"),
    "files": Words("files", "filer"),
    "other-file": Words("other file (not .xml)", "anden fil (ikke .xml)"),
    "other-files": Words("other files (not .xml)", "andre filer (ikke .xml)"),
    "message-in-delivery": Words("message in deliveries", "besked i leverancer"),
    "messages": Words("messages in deliveries", "beskeder i leverancer"),
    "of-messages": Words("messages: {count} ({verdicts})", "beskeder: {count} ({verdicts})"),
    "of-none": Words("no messages", "ingen beskeder"),
    "message": Words("message {number} ({id})", "besked {number} ({id})"),
    "at": Words("at", "i"),
    "hint": Words("hint", "råd"),
    "more": Words(
        "more findings of {code} that are not listed: {count}", "flere fund af {code}, der ikke er vist: {count}"
    ),
    "skipped": Words("not checked: {layers}", "ikke kontrolleret: {layers}"),
    "overridden": Words(
        "severity changed: {code} from {before} to {after}, findings: {count}",
        "alvorlighed ændret: {code} fra {before} til {after}, fund: {count}",
    ),
    "off": Words("off", "slået fra"),
    "gone": Words("gone", "fjernet"),
    "new": Words("new", "ny"),
    "changed": Words("changed", "ændret"),
    "diff-unreadable": Words(
        "the schema does not accept it, so only its bytes were compared",
        "skemaet accepterer den ikke, så kun dens byte er sammenlignet",
    ),
    "counted": Words("findings of {code}: {after}, before {before}", "fund af {code}: {after}, før {before}"),
    "expected-valid": Words("expected to be accepted", "forventedes accepteret"),
    "expected-invalid": Words("expected to be rejected", "forventedes afvist"),
    "unexpected": Words("files that are not as expected: {count}", "filer, der ikke er som forventet: {count}"),
    "interrupted": Words(
        "interrupted: only some of the files were checked", "afbrudt: kun nogle af filerne er kontrolleret"
    ),
    "no-files": Words(
        "there is no *.xml file in this folder, so nothing was checked",
        "der er ingen *.xml-fil i denne mappe, så intet er kontrolleret",
    ),
    "serve-at": Words("serving at {address} until Ctrl-C", "servicen kører på {address} indtil Ctrl-C"),
    "serve-no-temporary": Words(
        "there is no writable folder for temporary files: set TMPDIR to one",
        "der er ingen skrivbar mappe til midlertidige filer: angiv en i TMPDIR",
    ),
    "serve-token-needed": Words(
        "--host: expected a loopback address, or a token: --token-fd or --token-file",
        "--host: forventede en loopback-adresse, eller et token: --token-fd eller --token-file",
    ),
    "serve-token-twice": Words(
        "--token-fd and --token-file: expected one of them", "--token-fd og --token-file: forventede kun den ene"
    ),
    "serve-token-unfit": Words(
        "token: expected a line of 16 to 512 visible ASCII characters",
        "token: forventede en linje på 16 til 512 synlige ASCII-tegn",
    ),
    "no-messages": Words(
        "there is no *.xml or *.json file in this folder, so there is nothing to pack",
        "der er ingen *.xml- eller *.json-fil i denne mappe, så der er intet at pakke",
    ),
    "delivery-taken": Words(
        "akassekode {akassekode} and miljoe {miljoe} were taken from the first message",
        "akassekode {akassekode} og miljoe {miljoe} er taget fra den første besked",
    ),
    "delivery-made": Words("messages: {count}", "beskeder: {count}"),
    "delivery-not-made": Words(
        "nothing was written; messages refused: {count}", "intet er skrevet; beskeder afvist: {count}"
    ),
    "delivery-more": Words(
        "refused messages that are not listed: {count}", "afviste beskeder, der ikke er vist: {count}"
    ),
    "delivery-refused": Words(
        "the delivery itself is refused, and so are all its messages; nothing was written",
        "selve leverancen er afvist og dermed alle dens beskeder; intet er skrevet",
    ),
    "delivery-left-out": Words("refused messages left out: {count}", "afviste beskeder udeladt: {count}"),
    "accept-left-out": Words(
        "messages that cannot be passed on: {count}; only the receipt and the summary count them",
        "beskeder, der ikke kan videregives: {count}; kun kvitteringen og oversigten tæller dem",
    ),
    "inbox-received": Words(
        "messages: {accepted} accepted, {refused} refused, {conflicts} in conflict",
        "beskeder: {accepted} accepteret, {refused} afvist, {conflicts} i konflikt",
    ),
    "inbox-again": Words("received before", "modtaget tidligere"),
    "watch-begins": Words(
        "watching {folder} until Ctrl-C; a file is received when it has not changed for {settle:g} s",
        "overvåger {folder} indtil Ctrl-C; en fil modtages, når den har været uændret i {settle:g} s",
    ),
    "watch-other": Words(
        "another process is watching this folder; waiting until it ends",
        "en anden proces overvåger denne mappe; venter, til den slutter",
    ),
    "watch-inbox-waits": Words("trying again until it succeeds", "prøver igen, indtil det lykkes"),
    "watch-inbox-goes-on": Words("the inbox can be used again", "indbakken kan bruges igen"),
    "watch-unfinished": Words(
        "the file is incomplete; it stays in place until the rest arrives",
        "filen er ufuldstændig; den bliver liggende, til resten kommer",
    ),
    "watch-changed": Words(
        "the file changed while it was received, or afterwards; it will be received again",
        "filen blev ændret under eller efter modtagelsen; den modtages igen",
    ),
    "inbox-refused": Words("{message}: not accepted: {codes}", "{message}: ikke accepteret: {codes}"),
    "watch-ignored": Words(
        "not received: {count} ({names}); expected *.xml files with content, in the folder itself",
        "ikke modtaget: {count} ({names}); forventede *.xml-filer med indhold i selve mappen",
    ),
    "watch-again": Words("trying again", "prøver igen"),
    "receiver-folder": Words(
        "receiving what comes into {folder}, until Ctrl-C", "modtager det, der kommer i {folder}, indtil Ctrl-C"
    ),
    "outbox-recorded": Words(
        "new: {opret}, changed: {ret}, withdrawn: {annuller}; unchanged: {unchanged}, waiting for an answer: {waiting},"
        " refused by the receiver: {refused}",
        "nye: {opret}, ændrede: {ret}, tilbagekaldte: {annuller}; uændrede: {unchanged}, afventer svar: {waiting},"
        " afvist af modtageren: {refused}",
    ),
    "outbox-answered": Words(
        "accepted: {accepted}, refused: {refused}, failed: {failed}; answered before: {again}, otherwise before: {contradicted}, never sent"
        " from here: {unknown}, sent with another content: {changed}",
        "accepteret: {accepted}, afvist: {refused}, fejlet: {failed}; besvaret før: {again}, besvaret anderledes før: {contradicted}, aldrig"
        " sendt herfra: {unknown}, sendt med et andet indhold: {changed}",
    ),
    "outbox-unknown": Words("{named}: never sent from here", "{named}: aldrig sendt herfra"),
    "outbox-stated": Words(
        "accepted by your statement: {accepted}; answered before: {answered}",
        "accepteret efter din erklæring: {accepted}; besvaret før: {answered}",
    ),
    "outbox-purge": Words(
        "messages purged: {purged}; of the same age, kept: {spared}",
        "beskeder slettet: {purged}; lige så gamle, bevaret: {spared}",
    ),
    "inbox-nothing": Words("{named}: not found in the inbox", "{named}: findes ikke i indbakken"),
    "inbox-purged": Words("the content has been purged", "indholdet er slettet"),
    "inbox-purge": Words(
        "messages purged: {purged}; kept, because they are still to be processed: {spared}",
        "beskeder slettet: {purged}; bevaret, fordi de endnu ikke er behandlet: {spared}",
    ),
    "resume-nothing": Words(
        "there is nothing to resume, so everything starts from the beginning",
        "der er intet at genoptage, så alt startes forfra",
    ),
    "nothing-written": Words("nothing was written", "intet er skrevet"),
    "show-none": Words(
        "{name} is not shown to the person; shown are {names}", "{name} vises ikke for personen; {names} vises"
    ),
    "table-code": Words("code", "kode"),
    "table-name": Words("name", "navn"),
    "table-in-force": Words("in force", "gyldig"),
    "table-always": Words("always", "altid"),
    "table-star": Words("STAR's code", "STARs kode"),
    "table-source": Words("source", "kilde"),
    "table-list": Words("list", "liste"),
    "table-rows": Words("rows", "rækker"),
    "table-severity": Words("severity", "alvorlighed"),
    "table-layer": Words("layer", "lag"),
    "table-law": Words("paragraph", "paragraf"),
    "table-meaning": Words("meaning", "betydning"),
    "table-message": Words("message", "besked"),
    "table-version": Words("version", "version"),
    "table-namespace": Words("namespace", "navnerum"),
    "table-schema": Words("schema", "skema"),
    "table-element": Words("element", "element"),
    "table-occurs": Words("occurs", "antal"),
    "table-values": Words("values", "værdier"),
    "table-result": Words("result", "resultat"),
    "table-check": Words("check", "kontrol"),
    "table-detail": Words("detail", "detalje"),
    "describe-title": Words(
        "{name} version {version}, namespace {namespace}", "{name} version {version}, navnerum {namespace}"
    ),
    "describe-at-least-one": Words("at least one of", "mindst én af"),
    "describe-code-list": Words("code list {name}", "kodeliste {name}"),
    "describe-characters": Words("{limits} characters", "{limits} tegn"),
    "describe-confidential": Words("confidential", "fortroligt"),
    "doctor-ok": Words("ok", "ok"),
    "doctor-fault": Words("FAULT", "FEJL"),
    "doctor-versions": Words("versions", "versioner"),
    "doctor-time-zone": Words("time zone", "tidszone"),
    "doctor-example": Words("example", "eksempel"),
    "doctor-findings": Words("examples of findings", "eksempler på fund"),
    "doctor-shown": Words("shown on Jobnet", "vises på Jobnet"),
    "doctor-elements": Words("elements: {count}", "elementer: {count}"),
    "doctor-list": Words("list", "liste"),
    "doctor-carries": Words("contains", "indeholder"),
    "describe-carries": Words(
        "then any number of these, in any order, each as it is when sent alone: {names}",
        "derefter et vilkårligt antal af disse i vilkårlig rækkefølge, hver som når den sendes alene: {names}",
    ),
    "doctor-bindings": Words("bindings", "bindinger"),
    "doctor-law": Words("law", "lov"),
    "doctor-places": Words(
        "paragraphs: {count}, places that are numbered otherwise: {places}",
        "paragraffer: {count}, steder med et andet nummer: {places}",
    ),
    "doctor-xml-catalog": Words("xml catalog", "xml-katalog"),
    "doctor-compiles": Words(
        "{schema} compiles in libxml2 and xmlschema; elements: {elements}, rules: {rules}",
        "{schema} kan læses af libxml2 og xmlschema; elementer: {elements}, regler: {rules}",
    ),
    "doctor-round-trip": Words(
        "built, accepted and read again, {size} bytes", "dannet, accepteret og læst igen, {size} byte"
    ),
    "doctor-rows": Words("rows: {count}", "rækker: {count}"),
    "doctor-bound": Words(
        "types bound to lists: {bound}, confidential: {confidential}",
        "typer bundet til lister: {bound}, fortrolige: {confidential}",
    ),
    "doctor-entries": Words(
        "entries: {entries}, namespaces: {namespaces}", "poster: {entries}, navnerum: {namespaces}"
    ),
    "export-done": Words(
        "{folder}: messages exported: {exported}; left out: {refused} not accepted, {unchecked} not checked",
        "{folder}: beskeder eksporteret: {exported}; udeladt: {refused} ikke accepteret, {unchecked} ikke kontrolleret",
    ),
    "export-why": Words("exchange validate shows why", "exchange validate viser hvorfor"),
    "export-delivery": Words(
        "the delivery itself is not accepted, so nothing in it was exported",
        "selve leverancen er ikke accepteret, så intet i den er eksporteret",
    ),
    "export-key-open": Words(
        "{file}: other users can read this key; use chmod 600 to restrict it to its owner",
        "{file}: andre brugere kan læse nøglen; brug chmod 600, så kun ejeren kan",
    ),
    "forward-done": Words(
        "messages: {read}; {forwarded} forwarded, kommuner: {kommuner}; {remainder} in the remainder, {rejected} rejected and left out",
        "beskeder: {read}; {forwarded} videresendt, kommuner: {kommuner}; {remainder} i resten, {rejected} afvist og udeladt",
    ),
    "forward-three-digits": Words(
        "kommune codes of three digits read as four: {count}; STAR uses both forms",
        "kommunekoder på tre cifre læst som fire: {count}; STAR bruger begge former",
    ),
    "forward-undetermined": Words(
        "a check did not run, so no message was forwarded", "en kontrol er ikke kørt, så ingen beskeder er videresendt"
    ),
    "process-died": Words(
        "the process that checked it ended unexpectedly", "processen, der kontrollerede den, stoppede uventet"
    ),
    "generate-done": Words(
        "messages: {count}, of them invalid: {invalid}, {size} bytes of XML: {path}",
        "beskeder: {count}, heraf ugyldige: {invalid}, {size} byte XML: {path}",
    ),
    "demo-same": Words(
        "{name}: {size} bytes built, {verdict}, read again unchanged",
        "{name}: {size} byte dannet, {verdict}, læst igen uændret",
    ),
    "demo-different": Words(
        "{name}: {size} bytes built, {verdict}, read again CHANGED",
        "{name}: {size} byte dannet, {verdict}, læst igen ÆNDRET",
    ),
    "demo-report": Words("validation report:", "kontrolrapport:"),
    "demo-next": Words("next: {command}", "næste skridt: {command}"),
    "page-title": Words("What the findings mean", "Hvad fundene betyder"),
    "page-intro": Words(
        "Every code that a validation can report, as `exchange rules CODE` shows it, with a wrong and a right example. "
        "The examples come from the test corpus and are shown with their findings; all persons are fictitious. "
        "`proeve` is a message that exists only in the tests, with two versions and dated codes.",
        "Alle koder, som en kontrol kan give, som `exchange rules KODE` viser dem, med et forkert og et rigtigt eksempel. "
        "Eksemplerne er fra testkorpusset og vises med deres fund; alle personer er opdigtede. "
        "`proeve` er en besked, der kun findes i testene, med to versioner og daterede koder.",
    ),
    "page-from": Words("from {day}", "fra {day}"),
    "page-nothing": Words("nothing is found", "intet fund"),
    "page-severity-from": Words("{severity} from {day}", "{severity} fra {day}"),
    "page-no-law": Words("no paragraph of the law", "ingen paragraf i loven"),
    "page-law-of-element": Words("the element's own, if it has one", "elementets egen, hvis det har en"),
    "page-bad": Words("Wrong", "Forkert"),
    "page-good": Words("Right", "Rigtigt"),
    "page-says": Words("Result of the validation", "Kontrollens resultat"),
    "page-more": Words("one page for each: exchange rules CODE", "en side for hver: exchange rules KODE"),
    "page-jobnet-title": Words("What the person sees on Jobnet", "Hvad personen ser på Jobnet"),
    "page-jobnet-intro": Words(
        "Every element of the three reports: whether `exchange show` shows it, and by which paragraph. {paragraph} names agreements "
        "from cv- and rådighedssamtaler, plan drafts and requirements; where it says nothing, the choice is this project's own.",
        "Hvert element i de tre indberetninger: om `exchange show` viser det, og efter hvilken paragraf. {paragraph} nævner aftaler "
        "fra cv- og rådighedssamtaler, udkast til planer og krav; hvor den intet siger, er valget projektets eget.",
    ),
    "page-jobnet-shown": Words("shown", "vises"),
    "page-jobnet-yes": Words("yes", "ja"),
    "page-jobnet-no": Words("no", "nej"),
    "page-jobnet-partly": Words("in part", "delvis"),
    "page-jobnet-reported": Words("reported by", "indberettes efter"),
    "page-jobnet-why": Words("by which paragraph, and why", "efter hvilken paragraf, og hvorfor"),
    "page-jobnet-ours": Words("our choice", "projektets eget valg"),
    **PLACEHOLDERS,
}


def both(key: str, **values: object) -> Words:
    """Return a text in both languages. Raises KeyError for an unknown key."""
    return Words(text(key, "en", **values), text(key, "da", **values))


def text(key: str, lang: str, **values: object) -> str:
    """Return a text in `lang`: "da", or English for anything else. Raises KeyError for an unknown key."""
    words = TEXTS[key]
    return (words.da if lang == "da" else words.en).format(**values)
