"""A key that is wanted or to be revoked and a permit in, what is kept of keys from then on out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from faceward.errors import InputError
from faceward.governance.accounts.api_keys import ApiKey, ApiKeys, KeyExchanged, Wanted, revoked
from faceward.governance.outcomes import Performed
from faceward.governance.permits import Permit, PermitRefused
from faceward.ports.clock import Clock
from faceward.transparency.words import Action


class KeyUnknown(InputError):
    """There is no key of that identifier in this deployment."""

    code = "key_unknown"
    remedy = "List the keys of this deployment."


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key.

    Attributes:
        key: What is kept of it.
        secret: What opens; it is nowhere else.
    """

    key: ApiKey
    secret: str

    def __repr__(self) -> str:
        """Show the key and never its secret."""
        return f"Issued({self.key!r})"


def mint(permit: Permit, *, keys: ApiKeys, clock: Clock, wanted: Wanted) -> Performed[Issued]:
    """Make a key.

    Args:
        permit: Allows `Action.ADMINISTER` in the deployment of the key.
        keys: Knows every key.
        clock: The one clock.
        wanted: What is to be made.

    Raises:
        PermitRefused: The permit is not for this.
        InvalidValue: It has no scope, or lives too long or not at all.
    """
    scope = permit.spend(Action.ADMINISTER)
    if wanted.deployment != scope.deployment:
        raise PermitRefused("This permit is for another deployment.", reasons=("gate/permit",))
    key, secret = keys.made(wanted, clock.now())
    return Performed(Issued(key, secret), filings=(key.filing(),))


def exchange(permit: Permit, *, keys: ApiKeys, clock: Clock, identifier: str) -> Performed[Issued]:
    """Make the key that lasts of one that has yet to be exchanged, which opens nothing from then on.

    Args:
        permit: Allows `Action.ADMINISTER` in the deployment of the key.
        keys: Knows every key.
        clock: The one clock.
        identifier: The key that was presented.

    Raises:
        PermitRefused: The permit is not for this.
        KeyRefused: Somebody was faster, or the hour is over.
        KeyExchanged: It is one that lasts.
    """
    scope = permit.spend(Action.ADMINISTER)
    now = clock.now()
    first = keys.live(identifier, now)
    if first.deployment != scope.deployment:
        raise PermitRefused("This permit is for another deployment.", reasons=("gate/permit",))
    if not first.exchange_days:
        raise KeyExchanged("This key is one that lasts already.")
    wanted = Wanted(
        account=first.account,
        deployment=first.deployment,
        scopes=first.scopes,
        until=now + timedelta(days=first.exchange_days),
        minted_by=first.minted_by,
    )
    key, secret = keys.made(wanted, now)
    return Performed(Issued(key, secret), filings=(key.filing(), revoked(first)))


def cancel(permit: Permit, *, keys: ApiKeys, identifier: str) -> Performed[None]:
    """Revoke a key: it opens nothing from then on, in any process.

    Args:
        permit: Allows `Action.ADMINISTER` in the deployment of the key.
        keys: Knows every key.
        identifier: Which.

    Raises:
        PermitRefused: The permit is not for this.
        KeyUnknown: There is none in this deployment.
    """
    scope = permit.spend(Action.ADMINISTER)
    found = [it for it in keys.all() if it.identifier == identifier and it.deployment == scope.deployment]
    if not found:
        raise KeyUnknown("There is no key of that identifier in this deployment.")
    return Performed(None, filings=(revoked(found[0]),))


def listed(permit: Permit, *, keys: ApiKeys) -> Performed[tuple[ApiKey, ...]]:
    """The keys of a deployment, without any secret.

    Args:
        permit: Allows `Action.ADMINISTER` in a deployment.
        keys: Knows every key.

    Raises:
        PermitRefused: The permit is not for this.
    """
    scope = permit.spend(Action.ADMINISTER)
    return Performed(tuple(it for it in keys.all() if it.deployment == scope.deployment))
