# fish completion for polycubectl: polycubectl completion fish | source

function __polycubectl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    if test "$words[-1]" = -f
        __fish_complete_path "$current"
    else
        polycubectl --complete $words[2..-1] "$current" 2>/dev/null </dev/null
    end
end

complete -c polycubectl -f -a '(__polycubectl_complete)'
