"""Where errors of file systems and of SSH become ours: who has to act, in one place."""

from contextlib import contextmanager

import paramiko

try:
    from botocore.exceptions import BotoCoreError, ClientError

    _STORES = (BotoCoreError, ClientError)
except ImportError:  # s3fs is there only where somebody reads from S3
    _STORES = ()

from .errors import ConfigurationError, IntegrationError, TransientError


@contextmanager
def told(place, file=None):
    """Tell what goes wrong inside in this suite's errors; `file` is a name that was there a moment ago."""
    try:
        yield
    except IntegrationError:
        raise
    except FileNotFoundError as error:
        if file:
            raise TransientError(f"{place}: {file} has gone", code="gone") from error
        raise ConfigurationError(f"{place} does not exist", code="missing") from error
    except PermissionError as error:
        raise ConfigurationError(f"{place}: access is refused", code="permission") from error
    except NotADirectoryError as error:
        raise ConfigurationError(f"{place} is not a folder", code="missing") from error
    except ImportError as error:
        raise ConfigurationError(f"{place} needs a Python package: {error}", code="package") from error
    except (paramiko.AuthenticationException, paramiko.PasswordRequiredException) as error:
        raise ConfigurationError(f"{place}: the server does not accept the credentials", code="login") from error
    except (OSError, EOFError, paramiko.SSHException, *_STORES) as error:
        reason = getattr(error, "strerror", None) or error
        raise TransientError(f"{place} cannot be reached: {reason}", code="network") from error


@contextmanager
def nothing_left():
    """What goes wrong inside had no effect on the other side, and says so."""
    try:
        yield
    except IntegrationError as error:
        error.facts.setdefault("sent", False)
        raise


class Told:
    """A binary stream whose errors are ours while it is read, too."""

    def __init__(self, stream, place):
        self._stream, self._place = stream, place

    def read(self, size=-1):
        with told(self._place):
            return self._stream.read(size)

    def close(self):
        with told(self._place):
            self._stream.close()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()
