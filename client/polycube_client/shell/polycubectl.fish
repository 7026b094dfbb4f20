# fish completion for polycubectl: polycubectl completion fish | source

function __polycubectl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    polycubectl --complete $words[2..-1] "$current" 2>/dev/null </dev/null
end

complete -c polycubectl -f -a '(__polycubectl_complete)'
