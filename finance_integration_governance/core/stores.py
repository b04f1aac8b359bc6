"""Object stores through fsspec: S3 and what speaks it, Google Cloud Storage, Azure.

    s3      key:secret             ?endpoint=https://... for a store of one's own
    gs      a service account as JSON
    abfs    account:key

Only what the connection names is used. Without it a store is read as anybody: the server's own identity (environment,
instance profile, login of whoever runs it) would open whatever the server may see to every connection.
"""

import fsspec

from . import strict_json
from .addresses import Endpoint
from .errors import ConfigurationError, DataError

STORES = ("s3", "gs", "abfs")
_TIMES = {"connect_timeout": 5, "read_timeout": 20, "retries": {"max_attempts": 2}}


def store(scheme, credentials, endpoint="", allowed_hosts=()):
    """The file system of a store. ConfigurationError for credentials of another form, or an endpoint inside."""
    options = {"s3": _s3, "gs": _gs, "abfs": _abfs}[scheme](credentials)
    if endpoint:
        options |= _reached(scheme, endpoint, allowed_hosts)
    return fsspec.filesystem(scheme, skip_instance_cache=True, use_listings_cache=False, **options)


def _s3(credentials):
    if not credentials:
        return {"anon": True, "config_kwargs": _TIMES}
    key, secret = _pair(credentials, "key:secret")
    return {"key": key, "secret": secret, "anon": False, "config_kwargs": _TIMES}


def _gs(credentials):
    if not credentials:
        return {"token": "anon"}
    token = None
    try:
        token = strict_json.loads(credentials.encode())
    except DataError:
        # Not chained: nobody has looked at what the error tells.
        token = None
    if not isinstance(token, dict):
        raise ConfigurationError("a service account is given as JSON", code="credentials", sent=False)
    return {"token": token}


def _abfs(credentials):
    account, key = _pair(credentials or "", "account:key")
    return {"account_name": account, "account_key": key, "anon": False}


def _pair(credentials, form):
    first, _colon, second = credentials.partition(":")
    if not first or not second:
        raise ConfigurationError(f"the credentials of this store are given as {form}", code="credentials", sent=False)
    return first, second


def _reached(scheme, endpoint, allowed_hosts):
    if scheme != "s3":
        raise ConfigurationError("only a store that speaks S3 has an endpoint of its own", code="location")
    checked = Endpoint.of(endpoint, allowed_hosts)
    checked.addresses()  # refused here where the name leads inside
    return {"endpoint_url": endpoint}


def moved(filesystem, path, target):
    """Move an object that was read to the end: copy it, then delete what was copied; False where it has changed.

    A store has no rename. Whoever puts another object under the name between the two keeps it: it is not the one that
    was copied, and the copy goes.
    """
    before = _state(filesystem, path)
    filesystem.copy(path, target)
    if _state(filesystem, path) != before:
        filesystem.rm_file(target)
        return False
    filesystem.rm_file(path)
    return True


def _state(filesystem, path):
    """What tells one content under a name from another: etag and size, as far as the store has them."""
    told = filesystem.info(path)
    mark = next((told[name] for name in ("ETag", "etag", "md5Hash", "generation") if told.get(name)), None)
    return mark, told.get("size"), str(told.get("LastModified") or told.get("last_modified") or told.get("mtime"))
