"""The texts of ``polycubectl --help`` and of ``WORD ?`` for the words that no model describes."""

USAGE = """\
polycubectl - configure the network functions of Polycube

Usage: polycubectl [path...] [add|set|show|del] [path...] [key=value...] [flags] ['?']

  add, set, show, del   create, change, show or delete what the path names; anywhere in the path
  (no command)          run the action that the path names
  '?'                   show what can follow; quoted, since a shell may take ? for a file name

  polycubectl simplebridge add br1              create a cube
  polycubectl br1 ports add p1 peer=veth1       give it a port
  polycubectl br1 set fdb.aging-time=60         change a value; dots lead into nested ones
  polycubectl br1 show -json                    show it
  polycubectl br1 fdb flush                     run an action
  polycubectl cubes add < cubes.yaml            create many, from YAML or JSON on standard input

Values: true, false and decimal numbers are sent as such, everything else as text;
  name='"10"' is the text 10.

Commands of the daemon:
  connect PORT PEER, disconnect PORT PEER       PEER is a port (br2:p1) or a network device (veth1)
  attach CUBE PORT [position=first|last|auto] [after=CUBE] [before=CUBE], detach CUBE PORT
  cubes, netdevs, topology [DEVICE], version    show
  services [add type=lib uri=... name=...|del NAME]

A whole topology (WORD '?' tells more of each):
  export                                        print it, for a file
  diff -f FILE, apply -f FILE                   what FILE would change; change it, all or nothing
  events [CUBE]                                 print what changes, as it changes
  completion bash|zsh|fish                      print a script for TAB, which asks the daemon

Flags:
  -brief -normal -verbose   how many levels to show: 1, 2 (default) or 3
  -json -yaml               show everything, for programs
  -hide=a,b.c               leave out members
  -tree -dot -mermaid       draw the topology
  -watch[=SECONDS]          show again after every change, and every so many seconds (10)
  -dry-run                  tell what would change, and change nothing
  -f FILE, -prune           for apply and diff: the file, - for standard input; delete other cubes
  --help, -h  --version     this text; the version of polycubectl

Settings: $HOME/.config/polycube/polycubectl_config.yaml, lines of name: value with the names
  url, debug, expert, singleparameterworkaround, cacert, cert, key; over them the variables
  POLYCUBECTL_URL, _DEBUG, _EXPERT, _CACERT, _CERT, _KEY.
  url: http://HOST:PORT, https://HOST:PORT or unix:///PATH; without one the daemon's socket
  /run/polycube/polycube.sock if it is there for you, else http://localhost:9000

Exit codes: 0 done, 1 polycubed cannot be reached, 2 refused, 64 not understood, 130 interrupted;
  of diff: 0 no difference, 1 differences, above 1 trouble"""

SYNTAX = {
    "connect": (
        "connect PORT PEER\n\nJoin two ports, or a port and a network device: connect br1:p1 veth1"
    ),
    "disconnect": "disconnect PORT PEER\n\nTake two ports apart: disconnect br1:p1 veth1",
    "attach": (
        "attach CUBE PORT [position=auto|first|last] [after=CUBE] [before=CUBE]\n\n"
        "Put a transparent cube on a port or a network device: attach fw1 br1:p1 position=first"
    ),
    "detach": "detach CUBE PORT\n\nTake a transparent cube off again: detach fw1 br1:p1",
    "apply": """\
apply -f FILE [-f FILE]... [-prune] [-dry-run] [-json|-yaml]

Make cubes exactly as files describe, all or nothing: apply -f topology.yaml

A file holds, as YAML or JSON, what `export` prints, or a list of cubes, or one cube. Cubes that no
file names stay as they are, with -prune they are deleted. What was changed is printed.""",
    "diff": """\
diff -f FILE [-f FILE]... [-prune] [-json|-yaml]

Show what apply would change: diff -f topology.yaml

Exit code: 0 nothing, 1 something, above 1 trouble.""",
    "export": """\
export [-yaml|-json]

Print the whole configuration, for apply and diff: export > topology.yaml""",
    "events": """\
events [CUBE] [-json]

Print every change of configuration and state, as it happens: events br1

With -json each is an object on a line of its own.""",
    "completion": """\
completion bash|zsh|fish

Print a script that completes words on TAB: completion bash

bash: eval "$(polycubectl completion bash)"   zsh: source <(polycubectl completion zsh)
fish: polycubectl completion fish | source""",
}
"""First line: the syntax. Third line: what for, a colon, an example. The rest: more."""
