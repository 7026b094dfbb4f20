# Generated from yang/conditions.yang by polycube-gen; DO NOT EDIT.
"""The data model of service conditions."""

from polycube_runtime.support import base
from polycube_runtime.support.schema import (
    Action,
    Case,
    Choice,
    Container,
    Leaf,
    List,
    Notification,
    Rule,
    Service,
)
from polycube_runtime.support.types import (
    UINT8,
    UINT16,
    UINT32,
    Enumeration,
    Integer,
    Leafref,
    String,
)

from . import models, rules

SERVICE = Service(
    "conditions",
    "transparent",
    version="1.0",
    description="Nodes that come and go with others, and what is told",
    min_kernel="5.10.0",
    children=(
        base.UUID,
        base.TYPE,
        base.SERVICE_NAME,
        base.LOGLEVEL,
        base.PARENT,
        Leaf(
            "mode",
            Enumeration((("OPEN", 0), ("CLOSED", 1))),
            attr="mode",
            default="OPEN",
            model=models.Mode,
        ),
        Leaf(
            "reason",
            String(
                lengths=((1, 20),),
                errors=(("length", "a reason has 1 to 20 characters", "bad-reason"),),
            ),
            attr="reason",
            description="Why it is closed.",
            when=(Rule(rules.when_reason, "../mode = 'CLOSED'"),),
        ),
        Leaf(
            "retry",
            UINT16,
            attr="retry",
            when=(Rule(rules.when_reason, "../mode = 'CLOSED'"),),
            default=30,
        ),
        Leaf("rate", UINT32, attr="rate"),
        Leaf("burst", UINT32, attr="burst"),
        Leaf("quota", UINT32, attr="quota"),
        List(
            "user",
            ("name",),
            (
                Leaf("name", String(), attr="user_name", key=True, mandatory=True),
                Leaf("password", String(), attr="user_password"),
                Leaf("token", String(), attr="user_token"),
                Notification(
                    "failed",
                    (
                        Leaf(
                            "attempts",
                            Integer(8, signed=False, ranges=((1, 10),)),
                            attr="user_failed_attempts",
                            mandatory=True,
                        ),
                    ),
                    attr="user_failed",
                    description="A user did not get in.",
                    model=models.UserFailed,
                ),
            ),
            attr="user",
            model=models.User,
            choices=(Choice("how", (Case("password", ("password",)), Case("token", ("token",)))),),
        ),
        Action(
            "greet",
            attr="greet",
            input=Container(
                "input",
                (
                    Leaf(
                        "user",
                        Leafref("/user/name", String()),
                        attr="greet_input_user",
                        mandatory=True,
                        exists=rules.ref_user,
                    ),
                    Leaf(
                        "times",
                        UINT8,
                        attr="greet_input_times",
                        must=(
                            Rule(
                                rules.must_times,
                                ". <= 3 or /mode = 'OPEN'",
                                message="closed: be brief",
                                tag="be-brief",
                            ),
                        ),
                        default=1,
                    ),
                ),
                attr="greet_input",
                model=models.GreetInput,
            ),
            output=Container(
                "output",
                (Leaf("text", String(), attr="greet_output_text"),),
                attr="greet_output",
                model=models.GreetOutput,
            ),
        ),
        Notification(
            "full",
            (
                Leaf(
                    "user",
                    Leafref("/user/name", String()),
                    attr="full_user",
                    exists=rules.ref_user,
                ),
                Leaf("count", UINT32, attr="full_count", must=(Rule(rules.must_count, ". > 0"),)),
            ),
            attr="full",
            description="Nobody else gets in.",
            model=models.Full,
        ),
    ),
    choices=(Choice("limit", (Case("rate", ("rate", "burst")), Case("quota", ("quota",)))),),
)
