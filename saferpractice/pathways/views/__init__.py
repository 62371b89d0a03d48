"""Pages of pathways: how practice works in plain English, its versions and drafts, and the cases worked by it."""

from saferpractice.pathways.views.cases import (
    case,
    cases,
    cases_file,
    close,
    new_case,
    owed,
)
from saferpractice.pathways.views.contact import (
    attempt,
    ways,
)
from saferpractice.pathways.views.drafting import (
    approve,
    draft,
    drop,
    go_on,
    proposal,
    propose,
    send_back,
    take_back,
)
from saferpractice.pathways.views.drafting import (
    begin as begin_draft,
)
from saferpractice.pathways.views.drafting import (
    edit as edit_draft,
)
from saferpractice.pathways.views.drafting import (
    words as draft_words,
)
from saferpractice.pathways.views.people import (
    begin,
    characteristics,
    people,
    person,
)
from saferpractice.pathways.views.practice import (
    index,
    local_values,
    one,
    put_in_use,
)
from saferpractice.pathways.views.records import (
    correct,
    write,
)
from saferpractice.pathways.views.replaying import (
    replay,
    replay_file,
    replay_progress,
    replays,
    stop_replay,
)
from saferpractice.pathways.views.supervision import (
    supervise,
    supervision,
    supervision_list,
)
from saferpractice.pathways.views.versions import (
    compare,
    retire,
    version,
    versions,
)

__all__ = [
    "approve",
    "attempt",
    "begin",
    "begin_draft",
    "case",
    "cases",
    "cases_file",
    "characteristics",
    "close",
    "compare",
    "correct",
    "draft",
    "draft_words",
    "drop",
    "edit_draft",
    "go_on",
    "index",
    "local_values",
    "new_case",
    "one",
    "owed",
    "people",
    "person",
    "proposal",
    "propose",
    "put_in_use",
    "replay",
    "replay_file",
    "replay_progress",
    "replays",
    "retire",
    "send_back",
    "stop_replay",
    "supervise",
    "supervision",
    "supervision_list",
    "take_back",
    "version",
    "versions",
    "ways",
    "write",
]
