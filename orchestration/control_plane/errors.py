"""What can go wrong in the control plane, as its callers need to tell it apart.

ControlPlaneError            str(error) is one sentence, safe to show
  ControlPlaneUnavailable    Postgres is down, refuses us, or took too long: try again later
  NotFound                   absent, or another tenant's: the two look the same on purpose
  Conflict                   NameTaken, EmailTaken, NotInState, SecretInUse
  CredentialsMissing         a locator names a secret that is not there: somebody has to put it; NotKept
  ConfigurationError         UnsafeRole, MasterKeyInvalid, SecretsUnreadable, ScheduleInvalid, LocatorInvalid,
                             SecretInvalid, CredentialsClash, ContractInvalid, SettingsInvalid,
                             ProvisioningRefused, DestructiveMigration
  AuditChainBroken           somebody changed the history; AuditChainCut: took its newest events away
"""

from uuid import UUID


class ControlPlaneError(Exception):
    """Base of everything raised here on purpose; `detail` is for us, never for a tenant."""

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class ControlPlaneUnavailable(ControlPlaneError):
    """Postgres cannot be reached, refuses us, or did not answer in time."""


class NotFound(ControlPlaneError):
    """No such thing for this tenant."""

    def __init__(self, kind: str, key: UUID | str) -> None:
        super().__init__(f"There is no {kind} {str(key)!r}.")
        self.kind, self.key = kind, key


class Conflict(ControlPlaneError):
    """The request does not fit what is stored."""


class NameTaken(Conflict):
    """Another live thing of this kind has that name."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"There is already a {kind} named {name!r}.")
        self.kind, self.name = kind, name


class EmailTaken(Conflict):
    """That address belongs to a user already."""


class NotInState(Conflict):
    """The thing is past the state in which this may be done to it."""


class SecretInUse(Conflict):
    """A connection takes its credentials from that secret."""


class CredentialsMissing(ControlPlaneError):
    """A credential locator names a secret, or a field of one, that the tenant does not have."""


class NotKept(CredentialsMissing):
    """An intent's credentials were part of its configuration, and such are kept nowhere until it is connected."""


class ConfigurationError(ControlPlaneError):
    """Somebody who runs the platform has to change something."""


class UnsafeRole(ConfigurationError):
    """The role of the URL would walk past row-level security."""


class MasterKeyInvalid(ConfigurationError):
    """The master key is missing or not 32 bytes."""


class SecretsUnreadable(ConfigurationError):
    """Sealed with another master key, or changed since."""


class ScheduleInvalid(ConfigurationError):
    """Neither a positive number of seconds nor five cron fields."""


class LocatorInvalid(ConfigurationError):
    """Not a locator of one of the tenant's own secrets."""


class SecretInvalid(ConfigurationError):
    """A secret's name or value cannot be stored."""


class CredentialsClash(ConfigurationError):
    """The same field comes from a connection and from the secret its locator names."""


class ContractInvalid(ConfigurationError):
    """No such policy, or a stream without its connection."""


class SettingsInvalid(ConfigurationError):
    """A tenant's setting that does not exist, or a value it cannot have."""


class ProvisioningRefused(ConfigurationError):
    """The server does not let us make what we need."""


class DestructiveMigration(ConfigurationError):
    """A migration would drop data and does not say that it means to."""


class AuditChainBroken(ControlPlaneError):
    """The history of a tenant was changed at `seq`."""

    def __init__(self, seq: int) -> None:
        super().__init__(f"The audit history was changed at event {seq}.")
        self.seq = seq


class AuditChainCut(AuditChainBroken):
    """The newest events of a tenant's history are gone: there were `kept`, now the last one is `seq`."""

    def __init__(self, seq: int, kept: int) -> None:
        super().__init__(seq)
        self.args = (f"The audit history ends at event {seq}; it once had {kept}.",)
        self.kept = kept
