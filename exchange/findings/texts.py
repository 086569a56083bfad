"""The texts of reports and command line, except the findings' own, in English and Danish."""

from __future__ import annotations

from exchange.findings.output_texts import OUTPUT_TEXTS
from exchange.findings.placeholders import PLACEHOLDERS
from exchange.findings.placeholders import Words as Words
from exchange.findings.signature_texts import SIGNATURE_TEXTS

TEXTS: dict[str, Words] = {
    **OUTPUT_TEXTS,
    **SIGNATURE_TEXTS,
    "accepted": Words("accepted", "godtaget"),
    "rejected": Words("rejected", "afvist"),
    "undetermined": Words("undetermined", "uafgjort"),
    "not-checked": Words("not checked", "ikke kontrolleret"),
    "error": Words("error", "fejl"),
    "warning": Words("warning", "advarsel"),
    "info": Words("info", "oplysning"),
    "errors": Words("errors", "fejl"),
    "warnings": Words("warnings", "advarsler"),
    "infos": Words("notes", "oplysninger"),
    "files": Words("files", "filer"),
    "messages": Words("messages in deliveries", "beskeder i leverancer"),
    "of-messages": Words("{count} messages: {verdicts}", "{count} beskeder: {verdicts}"),
    "of-none": Words("no messages", "ingen beskeder"),
    "message": Words("message {number} ({id})", "besked {number} ({id})"),
    "at": Words("at", "i"),
    "hint": Words("hint", "råd"),
    "more": Words("{count} more findings of {code} are not listed", "{count} fund mere af {code} er ikke vist"),
    "skipped": Words("not checked: {layers}", "ikke kontrolleret: {layers}"),
    "overridden": Words(
        "severity changed: {code} from {before} to {after}, {count} findings",
        "alvor ændret: {code} fra {before} til {after}, {count} fund",
    ),
    "off": Words("off", "slået fra"),
    "gone": Words("gone", "væk"),
    "new": Words("new", "ny"),
    "changed": Words("changed", "ændret"),
    "counted": Words("{after} findings of {code}, before {before}", "{after} fund af {code}, før {before}"),
    "expected-valid": Words("expected to be accepted", "ventedes godtaget"),
    "expected-invalid": Words("expected to be rejected", "ventedes afvist"),
    "unexpected": Words("{count} files are not as expected", "{count} filer er ikke som ventet"),
    "interrupted": Words(
        "interrupted: only part of the files was checked", "afbrudt: kun en del af filerne er kontrolleret"
    ),
    "no-files": Words(
        "no *.xml file in this folder, so nothing was checked",
        "ingen *.xml-fil i denne mappe, så intet er kontrolleret",
    ),
    "serve-at": Words("serving at {address} until Ctrl-C", "svarer på {address} indtil Ctrl-C"),
    "serve-no-temporary": Words(
        "no folder for temporary files can be written: set TMPDIR to one that can",
        "der kan ikke skrives i nogen mappe til midlertidige filer: lad TMPDIR pege på en",
    ),
    "serve-token-needed": Words(
        "--host: expected a loopback address, or a token: --token-fd or --token-file",
        "--host: forventede en loopback-adresse, eller et token: --token-fd eller --token-file",
    ),
    "serve-token-twice": Words(
        "--token-fd and --token-file: expected one of them", "--token-fd og --token-file: forventede kun den ene"
    ),
    "serve-token-unfit": Words(
        "the token: expected a line of 16 to 512 visible ASCII characters",
        "token: forventede en linje på 16 til 512 synlige ASCII-tegn",
    ),
    "no-messages": Words(
        "no *.xml and no *.json file in this folder, so there is nothing to pack",
        "ingen *.xml- og ingen *.json-fil i denne mappe, så der er intet at pakke",
    ),
    "delivery-taken": Words(
        "akassekode {akassekode} and miljoe {miljoe}, as the first message has them",
        "akassekode {akassekode} og miljoe {miljoe}, som den første besked har dem",
    ),
    "delivery-made": Words("{count} messages", "{count} beskeder"),
    "delivery-not-made": Words(
        "nothing is written: {count} messages refused", "intet er skrevet: {count} beskeder afvist"
    ),
    "delivery-more": Words(
        "{count} more refused messages are not listed", "{count} afviste beskeder mere er ikke vist"
    ),
    "delivery-refused": Words(
        "the delivery itself is refused, and with it every message; nothing is written",
        "leverancen selv er afvist, og med den hver besked; intet er skrevet",
    ),
    "delivery-left-out": Words("{count} refused messages are left out", "{count} afviste beskeder er udeladt"),
    "receipt-counts": Words(
        "{accepted} messages accepted, {refused} refused", "{accepted} beskeder godtaget, {refused} afvist"
    ),
    "receipt-undetermined": Words(
        "a check did not run, so there is no answer", "en kontrol er ikke kørt, så der er intet svar"
    ),
    "accept-left-out": Words(
        "{count} messages cannot be passed on: only the receipt and the summary count them",
        "{count} beskeder kan ikke gives videre: kun kvittering og oversigt tæller dem",
    ),
    "inbox-received": Words(
        "{accepted} messages accepted, {refused} refused, {conflicts} in conflict",
        "{accepted} beskeder godtaget, {refused} afvist, {conflicts} i konflikt",
    ),
    "inbox-again": Words("received before", "modtaget før"),
    "watch-begins": Words(
        "watching {folder} until Ctrl-C; a file is received when it has been the same for {settle:g} s",
        "holder øje med {folder} indtil Ctrl-C; en fil modtages, når den har været uændret i {settle:g} s",
    ),
    "watch-other": Words(
        "another process watches this folder; waiting until it ends",
        "en anden proces holder øje med denne mappe; venter, til den slutter",
    ),
    "watch-inbox-waits": Words("trying again until it goes", "prøver igen, til det lykkes"),
    "watch-inbox-goes-on": Words("the inbox can be used again", "indbakken kan bruges igen"),
    "watch-unfinished": Words(
        "its end is missing; left where it is until more of it comes",
        "slutningen mangler; filen bliver liggende, til der kommer mere af den",
    ),
    "watch-changed": Words(
        "changed while it was received, or after; to be received again",
        "ændret mens den blev modtaget, eller derefter; modtages igen",
    ),
    "watch-again": Words("trying again", "prøver igen"),
    "inbox-nothing": Words("{named}: nothing in the inbox answers to it", "{named}: intet i indbakken svarer til det"),
    "inbox-purged": Words("what it says is purged", "indholdet er slettet"),
    "inbox-purge": Words(
        "{purged} messages purged; {spared} spared, which are still to be processed",
        "{purged} beskeder slettet; {spared} skånet, som endnu skal behandles",
    ),
    "resume-nothing": Words("nothing to resume, so all is done anew", "intet at genoptage, så alt gøres forfra"),
    "reconciled": Words(
        "{accepted} accepted, {refused} refused, {pending} pending, {unknown} unknown",
        "{accepted} godtaget, {refused} afvist, {pending} afventer, {unknown} ukendte",
    ),
    "reconcile-accepted": Words("accepted", "godtaget"),
    "reconcile-refused": Words("refused", "afvist"),
    "reconcile-pending": Words("pending: no receipt names it", "afventer: ingen kvittering nævner den"),
    "reconcile-unknown": Words("unknown: it was not sent", "ukendt: den er ikke sendt"),
    "reconcile-changed": Words(
        "a message with this beskedId was sent with another content",
        "en besked med dette beskedId er sendt med et andet indhold",
    ),
    "reconcile-contradicted": Words("another receipt says otherwise", "en anden kvittering siger noget andet"),
    "nothing-written": Words("nothing is written", "intet er skrevet"),
    "html-title": Words("Validation of § 87 messages", "Kontrol af § 87-beskeder"),
    "html-rejected": Words("Rejected files: {count} of {files}.", "Afviste filer: {count} af {files}."),
    "html-accepted": Words(
        "Every file is accepted: {count} of {files}.", "Alle filer er godtaget: {count} af {files}."
    ),
    "html-undetermined": Words(
        "No file is rejected, but not every file was checked in full: {count} of {files} accepted.",
        "Ingen fil er afvist, men ikke alle filer er kontrolleret helt: {count} af {files} godtaget.",
    ),
    "html-no-files": Words("No file was checked.", "Ingen fil er kontrolleret."),
    "html-on": Words("Codes are judged as of {day}.", "Koder er bedømt pr. {day}."),
    "html-values": Words(
        "This report shows confidential values. Do not pass it on.",
        "Denne rapport viser fortrolige værdier. Giv den ikke videre.",
    ),
    "html-expect-valid": Words(
        "Expected: every file accepted. Files that came out otherwise: {count}.",
        "Ventet: alle filer godtaget. Filer, der faldt anderledes ud: {count}.",
    ),
    "html-expect-invalid": Words(
        "Expected: every file rejected. Files that came out otherwise: {count}.",
        "Ventet: alle filer afvist. Filer, der faldt anderledes ud: {count}.",
    ),
    "html-counts": Words("Counts", "Antal"),
    "html-files": Words("Files", "Filer"),
    "html-findings": Words("Findings", "Fund"),
    "html-layers": Words("Layers of checks", "Kontrollens lag"),
    "html-layer": Words("Layer", "Lag"),
    "html-passed": Words("Passed", "Bestået"),
    "html-failed": Words("Failed", "Fejlet"),
    "html-skipped": Words("Skipped", "Ikke nået"),
    "html-layer-secure": Words("Safe to read", "Sikker at læse"),
    "html-layer-well-formed": Words("Well-formed XML", "Velformet XML"),
    "html-layer-route": Words("Message and version", "Besked og version"),
    "html-layer-schema": Words("Schema", "Skema"),
    "html-layer-codes": Words("Code lists", "Kodelister"),
    "html-layer-signature": Words("Signature", "Underskrift"),
    "show-none": Words(
        "{name} is not shown to the person; shown are {names}", "{name} vises ikke for personen; det gør {names}"
    ),
    "html-layer-rules": Words("Rules", "Regler"),
    "html-overrides": Words("Severities changed for this run", "Alvor ændret for denne kørsel"),
    "html-by-rule": Words("Faults in the data, by rule", "Fejl i data, efter regel"),
    "html-none": Words("Nothing was found.", "Der er intet fundet."),
    "html-meaning": Words("Meaning", "Betydning"),
    "html-hint": Words("Hint", "Råd"),
    "html-law": Words("Paragraph", "Paragraf"),
    "html-no-law": Words("none", "ingen"),
    "html-own-law": Words("the element's own, said at each finding", "elementets egen, nævnt ved hvert fund"),
    "html-line": Words("line {line}", "linje {line}"),
    "html-whole": Words("the document as a whole", "dokumentet som helhed"),
    "html-path": Words("Path", "Sti"),
    "html-message": Words("Message", "Besked"),
    "html-unknown": Words("not known", "ukendt"),
    "html-excerpt": Words("From the file", "Fra filen"),
    "html-more": Words("… and {count} more not listed", "… og {count} mere, der ikke er vist"),
    "html-undetermined-files": Words("Files not checked in full", "Filer, der ikke er kontrolleret helt"),
    "html-undetermined-why": Words(
        "They hold no error that was found, but a check did not run, so no verdict can be given.",
        "De har ingen fejl, der er fundet, men en kontrol er ikke kørt, så de kan ikke bedømmes.",
    ),
    "html-faults": Words("Files that could not be checked", "Filer, der ikke kunne kontrolleres"),
    "html-faults-why": Words(
        "A fault of the program or its surroundings. It says nothing about the data.",
        "En fejl i programmet eller dets omgivelser. Den siger intet om data.",
    ),
    "html-filter": Words("Filter", "Filter"),
    "html-filter-file": Words("File name holds", "Filnavn indeholder"),
    "html-severity": Words("Severity", "Alvor"),
    "html-code": Words("Code", "Kode"),
    "html-all": Words("all", "alle"),
    "html-shown": Words("Findings shown:", "Viste fund:"),
    "html-of": Words("of", "af"),
    "table-code": Words("code", "kode"),
    "table-name": Words("name", "navn"),
    "table-in-force": Words("in force", "gyldig"),
    "table-always": Words("always", "altid"),
    "table-star": Words("STAR's code", "STARs kode"),
    "table-source": Words("source", "kilde"),
    "table-list": Words("list", "liste"),
    "table-rows": Words("rows", "rækker"),
    "table-severity": Words("severity", "alvor"),
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
    "describe-characters": Words("{low}-{high} characters", "{low}-{high} tegn"),
    "describe-confidential": Words("confidential", "fortroligt"),
    "doctor-ok": Words("ok", "ok"),
    "doctor-fault": Words("FAULT", "FEJL"),
    "doctor-versions": Words("versions", "versioner"),
    "doctor-time-zone": Words("time zone", "tidszone"),
    "doctor-example": Words("example", "eksempel"),
    "doctor-findings": Words("examples of findings", "eksempler på fund"),
    "doctor-shown": Words("shown on Jobnet", "vises på Jobnet"),
    "doctor-elements": Words("{count} elements", "{count} elementer"),
    "doctor-list": Words("list", "liste"),
    "doctor-carries": Words("carries", "rummer"),
    "describe-carries": Words(
        "then, as they stand alone, in any number and order: {names}",
        "derefter, som de står alene, i hvilket antal og hvilken rækkefølge det skal være: {names}",
    ),
    "doctor-bindings": Words("bindings", "bindinger"),
    "doctor-xml-catalog": Words("xml catalog", "xml-katalog"),
    "doctor-compiles": Words(
        "{schema} compiles in libxml2 and xmlschema, {elements} elements, {rules} rules",
        "{schema} oversættes i libxml2 og xmlschema, {elements} elementer, {rules} regler",
    ),
    "doctor-round-trip": Words(
        "built, accepted and read back, {size} bytes", "bygget, godtaget og læst tilbage, {size} byte"
    ),
    "doctor-rows": Words("{count} rows", "{count} rækker"),
    "doctor-bound": Words(
        "{bound} types bound to lists, {confidential} confidential",
        "{bound} typer bundet til lister, {confidential} fortrolige",
    ),
    "doctor-entries": Words("{entries} entries, {namespaces} namespaces", "{entries} indgange, {namespaces} navnerum"),
    "export-done": Words(
        "{folder}: {exported} messages exported; left out: {refused} not accepted, {unchecked} not checked",
        "{folder}: {exported} beskeder eksporteret; udeladt: {refused} ikke godtaget, {unchecked} ikke kontrolleret",
    ),
    "export-why": Words("exchange validate says why", "exchange validate siger hvorfor"),
    "export-delivery": Words(
        "the delivery itself is not accepted, so nothing of it is exported",
        "leverancen selv er ikke godtaget, så intet af den er eksporteret",
    ),
    "export-key-open": Words(
        "{file}: others can read this key; chmod 600 keeps it to its owner",
        "{file}: andre kan læse denne nøgle; chmod 600 forbeholder den ejeren",
    ),
    "forward-done": Words(
        "{read} messages: {forwarded} forwarded to {kommuner} kommuner, {remainder} in the remainder, {rejected} rejected and left out",
        "{read} beskeder: {forwarded} givet videre til {kommuner} kommuner, {remainder} i resten, {rejected} afvist og udeladt",
    ),
    "forward-three-digits": Words(
        "{count} kommune codes of three digits are read as four: STAR writes both",
        "{count} kommunekoder på tre cifre er læst som fire: STAR skriver begge dele",
    ),
    "forward-undetermined": Words(
        "a check did not run, so no message is passed on", "en kontrol er ikke kørt, så ingen besked gives videre"
    ),
    "process-died": Words("the process that judged it died", "processen, der kontrollerede den, døde"),
    "generate-done": Words(
        "{count} messages, {invalid} of them invalid, {size} bytes of XML: {path}",
        "{count} beskeder, heraf {invalid} ugyldige, {size} byte XML: {path}",
    ),
    "demo-same": Words(
        "{name}: built {size} bytes, {verdict}, read back the same",
        "{name}: {size} byte bygget, {verdict}, læst tilbage uændret",
    ),
    "demo-different": Words(
        "{name}: built {size} bytes, {verdict}, read back DIFFERENT",
        "{name}: {size} byte bygget, {verdict}, læst tilbage ANDERLEDES",
    ),
    "demo-report": Words("the validation report:", "kontrollens rapport:"),
    "demo-next": Words("next: {command}", "næste: {command}"),
    "page-title": Words("What the findings mean", "Hvad fundene betyder"),
    "page-intro": Words(
        "Every code that a validation can find, as `exchange rules CODE` shows it, with a wrong and a right example. "
        "The examples come from the tests' corpus, with what the validation says of them; all persons are made up. "
        "`proeve` is a message of the tests' own, with two versions and dated codes.",
        "Hver kode, en kontrol kan finde, som `exchange rules KODE` viser den, med et forkert og et rigtigt eksempel. "
        "Eksemplerne er fra testenes korpus, med det, kontrollen siger om dem; alle personer er opdigtede. "
        "`proeve` er testenes egen besked, med to versioner og daterede koder.",
    ),
    "page-no-law": Words("no paragraph of § 87", "ingen paragraf i § 87"),
    "page-law-of-element": Words("the element's own, if it has one", "elementets egen, hvis det har en"),
    "page-bad": Words("Wrong", "Forkert"),
    "page-good": Words("Right", "Rigtigt"),
    "page-says": Words("The validation says", "Kontrollen siger"),
    "page-more": Words("a page for each: exchange rules CODE", "en side for hver: exchange rules KODE"),
    "page-jobnet-title": Words("What the person sees on Jobnet", "Hvad personen ser på Jobnet"),
    "page-jobnet-intro": Words(
        "Every element of the three reports: whether `exchange show` shows it, and by which paragraph. § 87, stk. 4, names agreements "
        "from cv- and rådighedssamtaler, plan drafts and requirements; where it is silent, the choice is this project's own.",
        "Hvert element i de tre indberetninger: om `exchange show` viser det, og efter hvilken paragraf. § 87, stk. 4, nævner aftaler "
        "fra cv- og rådighedssamtaler, udkast til planer og krav; hvor den tier, er valget projektets eget.",
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


def text(key: str, lang: str, **values: object) -> str:
    """Return a text in `lang`: "da", or English for anything else. Raises KeyError for an unknown key."""
    words = TEXTS[key]
    return (words.da if lang == "da" else words.en).format(**values)
