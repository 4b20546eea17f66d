"""How much one caller may ask for in a minute (docs/decisions/0016). Off unless a setting says how much.

Counted in Redis, by one script that reads and writes in one step: what reads, decides and writes in three lets a whole
burst through. Redis's own clock counts, whatever those of the web processes say. Where Redis does not answer, everybody
passes: a limit is there to protect the service, not to stop it.
"""

import json
from collections.abc import Mapping
from functools import cache

import redis
import structlog
from django.conf import settings
from django.utils.crypto import salted_hmac
from redis.backoff import NoBackoff
from redis.retry import Retry
from rest_framework.exceptions import APIException

from config.kernel.breaker import Breaker
from config.kernel.caller import Caller

WINDOW_SECONDS = 60
_MICROSECONDS = 1_000_000
# For a connection, and for an answer. A Redis that refuses costs next to nothing, one that is silent one of the two:
# nothing is tried twice, and a connection begins without a handshake unless there is a password.
TIMEOUT_SECONDS = 0.05
_BREAKER_SECONDS = 5.0

# Generic cell rate algorithm: of each caller one moment is kept, at which the whole budget is there again. A request
# moves it on by the time that one request takes to grow back, and is refused where that would lie beyond the window.
# It is a token bucket in one number. Returns 0, or how many microseconds are missing.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local cost, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = tonumber(redis.call('GET', KEYS[1]) or now)
-- Not further ahead than it can be, or a clock that was set back would lock callers out.
full = math.max(now, math.min(full, now + window)) + cost
if full - now > window then
  return string.format('%.0f', full - now - window)
end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
return '0'
"""

logger = structlog.get_logger(__name__)
breaker = Breaker(_BREAKER_SECONDS)


class TooManyRequests(APIException):
    """The caller has used up what it may ask for; told as 429 with Retry-After."""

    status_code = 429

    def __init__(self, budget: str, most: int, retry_after_seconds: int) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(
            f"More than {most} {budget} in a minute. Nothing was done; send again after {retry_after_seconds} s."
        )


def check(caller: Caller, method: str) -> None:
    """Take one request off the caller's budget: that of `writes` for POST and DELETE, else that of `reads`.

    Raises:
        TooManyRequests: nothing is left; nothing was taken.
    """
    budget = "writes" if method in ("post", "delete") else "reads"
    most = _budgets()[budget]
    if most and (missing := _missing_microseconds(_key(budget, caller), most)):
        raise TooManyRequests(budget, most, -(-missing // _MICROSECONDS))


def _budgets() -> Mapping[str, int]:
    return {"writes": settings.RATE_LIMIT_WRITES_PER_MINUTE, "reads": settings.RATE_LIMIT_READS_PER_MINUTE}


def _key(budget: str, caller: Caller) -> str:
    # Keyed: eleven digits are found again from a bare hash in seconds.
    who = salted_hmac("config.kernel.rate_limits", json.dumps(caller.identity), algorithm="sha256").hexdigest()
    return f"correspondence:rate:{budget}:{who}"


def _missing_microseconds(key: str, most: int) -> int:
    """How long until there is one again; 0 where it was taken, and where nobody can say."""
    if not breaker.lets_through():
        return 0
    window = WINDOW_SECONDS * _MICROSECONDS
    try:
        missing = int(script(settings.REDIS_URL)(keys=[key], args=[window // most, window]))
    except (redis.RedisError, OSError) as error:
        breaker.failed()
        logger.warning("rate_limits_not_counted", error=str(error), pause_seconds=_BREAKER_SECONDS)
        return 0
    breaker.succeeded()
    return missing


@cache
def script(url: str) -> "redis.commands.core.Script":
    """The script on connections of this process; loaded by its first call, and again after Redis has lost it.

    A connection for each thread of the web server, and whoever finds none waits: an error here, which a burst of
    requests could bring about, would lift the limit.
    """
    pool = redis.BlockingConnectionPool.from_url(
        url,
        max_connections=settings.WEB_THREADS,
        timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        driver_info=None,
    )
    return redis.Redis(connection_pool=pool).register_script(_TAKE)
