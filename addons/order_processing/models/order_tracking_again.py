"""Steps of scheduled actions that others may get in the way of: each its own transaction, begun again."""

import logging
import random
import time

from .sale_order_rules import RETRIED

_logger = logging.getLogger(__name__)

TRIES = 6
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0


def settled(env, step):
    """Do a step, write what it changed and commit; begin it again where somebody else was faster.

    Nothing of the caller's may be pending: it would be undone with the step.
    """
    for attempt in range(TRIES):
        try:
            result = step()
            env.flush_all()
            env.cr.commit()
        except RETRIED as error:
            env.cr.rollback()
            _logger.info("A step is begun again: %s", type(error).__name__)
            if attempt == TRIES - 1:
                raise
            # Of many workers each comes again at another moment.
            time.sleep(random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)))
        except BaseException:
            env.cr.rollback()
            raise
        else:
            return result
    return None
