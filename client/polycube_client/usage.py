"""The text of ``polycubectl --help``."""

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
  completion bash|zsh|fish                      print a script for TAB, which asks the daemon

Flags:
  -brief -normal -verbose   how many levels to show: 1, 2 (default) or 3
  -json -yaml               show everything, for programs
  -hide=a,b.c               leave out members
  --help, -h  --version     this text; the version of polycubectl

Settings: $HOME/.config/polycube/polycubectl_config.yaml, lines of name: value with the names
  url, debug, expert, singleparameterworkaround, cacert, cert, key; over them the variables
  POLYCUBECTL_URL, _DEBUG, _EXPERT, _CACERT, _CERT, _KEY.
  url: http://localhost:9000 (default), https://HOST:PORT or unix:///PATH

Exit codes: 0 done, 1 polycubed cannot be reached, 2 refused or not understood, 130 interrupted"""
