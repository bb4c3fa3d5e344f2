"""``/v1/galleries/…/subjects``: people, their references, consents and rights."""

from __future__ import annotations

from dataclasses import replace

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from faceward.api import replies
from faceward.api.bodies import NewConsent
from faceward.api.consents import told
from faceward.api.described import PhotoOperation
from faceward.api.desk import SCOPES, caller, desk, run
from faceward.api.galleries import CORRECTING, KEEPING, LOOKING, After, Most
from faceward.api.uploads import HttpRequest, read_upload
from faceward.governance.accounts.api_keys import Scope
from faceward.governance.gate import OnRecord
from faceward.ports.gallery_store import Consent

_SUBJECTS = "/v1/galleries/{gallery:str}/subjects"
_SUBJECT = f"{_SUBJECTS}/{{subject:str}}"


@get(_SUBJECTS, opt=LOOKING, operation_id="list_subjects")
async def several(
    request: HttpRequest, gallery: FromPath[str], after: After = "", most: Most = 100
) -> replies.Subjects:
    """A page of subjects, in order of name."""
    who = caller(request)
    found = (await run(request, lambda it: it.subjects(who, gallery, after, most))).result
    items = [replies.subject(it) for it in found]
    return replies.Subjects(items=items, next=items[-1].name if len(items) == most else None)


@get(_SUBJECT, opt=LOOKING, operation_id="get_subject")
async def one(request: HttpRequest, gallery: FromPath[str], subject: FromPath[str]) -> replies.Subject:
    """A subject of a gallery."""
    who = caller(request)
    return replies.subject((await run(request, lambda it: it.subject(who, gallery, subject))).result)


@delete(_SUBJECT, status_code=200, opt=KEEPING, operation_id="erase_subject")
async def erase(request: HttpRequest, gallery: FromPath[str], subject: FromPath[str]) -> replies.Erasure:
    """Erase everything of a subject, and prove that the ledger says so."""
    who, published = caller(request), desk(request).publication
    done = await run(request, lambda it: it.erase(who, gallery, subject))
    proof = await run(request, lambda _: published.receipt(done.outcome))
    return replies.erasure(done, proof)


@post(f"{_SUBJECT}/references", opt=KEEPING, operation_class=PhotoOperation, operation_id="enrol")
async def enrol(request: HttpRequest, gallery: FromPath[str], subject: FromPath[str]) -> replies.Enrolment:
    """Add a reference to a subject who has a ground for it."""
    upload = await read_upload(request, desk(request).limits)
    photo, who = upload.photo("photo"), caller(request, upload)
    looked = upload.flag("accept_duplicate")
    return replies.enrolment(
        await run(request, lambda it: it.enrol(who, gallery, subject, photo, accept_duplicate=looked))
    )


@get(f"{_SUBJECT}/references", opt=LOOKING, operation_id="list_references")
async def references(
    request: HttpRequest, gallery: FromPath[str], subject: FromPath[str]
) -> replies.References:
    """The references of a subject, whose templates stay closed."""
    who = caller(request)
    found = (await run(request, lambda it: it.references(who, gallery, subject))).result
    return replies.References(items=[replies.reference(it) for it in found])


@delete(f"{_SUBJECT}/references/{{reference:str}}", opt=CORRECTING, operation_id="remove_reference")
async def remove(
    request: HttpRequest, gallery: FromPath[str], subject: FromPath[str], reference: FromPath[str]
) -> None:
    """Remove one reference of a subject."""
    who = caller(request)
    await run(request, lambda it: it.remove_reference(who, gallery, subject, reference))


@post(
    f"{_SUBJECT}/verify",
    status_code=200,
    opt={SCOPES: frozenset({Scope.CLIENT})},
    operation_class=PhotoOperation,
    operation_id="verify",
)
async def verify(
    request: HttpRequest, gallery: FromPath[str], subject: FromPath[str]
) -> replies.Verification:
    """Decide whether a photo shows one subject, at the rate that the gallery promises."""
    upload = await read_upload(request, desk(request).limits)
    photo, who = upload.photo("photo"), caller(request, upload)
    return replies.verification(await run(request, lambda it: it.verify(who, gallery, subject, photo)))


@post(f"{_SUBJECT}/review", status_code=204, opt=KEEPING, operation_id="reopen_verification")
async def reopen(request: HttpRequest, gallery: FromPath[str], subject: FromPath[str]) -> None:
    """Let a person be verified again, after somebody has looked at the tries that failed."""
    who = caller(request)
    await run(request, lambda it: it.reopen(who, gallery, subject))


@post(f"{_SUBJECT}/consents", opt=KEEPING, operation_id="record_consent")
async def consent(
    request: HttpRequest,
    gallery: FromPath[str],
    subject: FromPath[str],
    data: JSONBody[NewConsent],
) -> replies.Consent:
    """Record a consent, a refusal or another ground; who was not known is known then."""
    who = caller(request)
    said = told(data)
    done = await run(request, lambda it: it.record_consent(who, gallery, subject, said))
    return replies.consent(await _with_proof(request, done))


@get(f"{_SUBJECT}/consents", opt=LOOKING, operation_id="list_consents")
async def consents(request: HttpRequest, gallery: FromPath[str], subject: FromPath[str]) -> replies.Consents:
    """The consents of a subject, the oldest first."""
    who = caller(request)
    found = (await run(request, lambda it: it.consents(who, gallery, subject))).result
    return replies.Consents(items=[replies.consent(it) for it in found])


@post(
    f"{_SUBJECT}/consents/{{consent_id:str}}/withdrawal",
    status_code=200,
    opt=KEEPING,
    operation_id="withdraw_consent",
)
async def withdraw(
    request: HttpRequest, gallery: FromPath[str], subject: FromPath[str], consent_id: FromPath[str]
) -> replies.Consent:
    """Withdraw a consent: what rests on it alone is unusable at once, and erased by its clock."""
    who = caller(request)
    done = await run(request, lambda it: it.withdraw(who, gallery, subject, consent_id))
    return replies.consent(await _with_proof(request, done))


async def _with_proof(request: HttpRequest, done: OnRecord[Consent]) -> Consent:
    """What a person gets: the receipt with the proof that its entry is in the ledger."""
    published = desk(request).publication
    document = await run(request, lambda _: published.proved(done.result.document, done.outcome))
    return replace(done.result, document=document)


ROUTES = (
    several,
    one,
    erase,
    enrol,
    references,
    remove,
    verify,
    reopen,
    consent,
    consents,
    withdraw,
)
