"""Texts on receipts and on what they say of what was sent, in English and Danish."""

from __future__ import annotations

from exchange.findings.placeholders import Words

RECEIPT_TEXTS: dict[str, Words] = {
    "receipt-counts": Words(
        "messages: {accepted} accepted, {refused} refused", "beskeder: {accepted} accepteret, {refused} afvist"
    ),
    "receipt-failed": Words(
        "messages: {accepted} accepted, {refused} refused, {failed} failed: they could not be judged",
        "beskeder: {accepted} accepteret, {refused} afvist, {failed} fejlet: de kunne ikke bedømmes",
    ),
    "receipt-undetermined": Words(
        "a check did not run, so no receipt was made", "en kontrol er ikke kørt, så der er ikke lavet en kvittering"
    ),
    "reconciled": Words(
        "{accepted} accepted, {refused} refused, {failed} failed, {pending} pending, {unknown} unknown",
        "{accepted} accepteret, {refused} afvist, {failed} fejlet, {pending} afventer, {unknown} ukendt",
    ),
    "reconcile-accepted": Words("accepted", "accepteret"),
    "reconcile-refused": Words("refused", "afvist"),
    "reconcile-failed": Words(
        "failed: it could not be judged, and is to be sent again unchanged",
        "fejlet: den kunne ikke bedømmes og skal sendes igen uændret",
    ),
    "reconcile-pending": Words("pending: it is in no receipt", "afventer: den er ikke i nogen kvittering"),
    "reconcile-unknown": Words("unknown: it was not sent", "ukendt: den er ikke blevet sendt"),
    "reconcile-changed": Words(
        "a message with this beskedId was sent with other content",
        "en besked med dette beskedId er sendt med et andet indhold",
    ),
    "reconcile-contradicted": Words(
        "another receipt has a different result", "en anden kvittering har et andet resultat"
    ),
}
