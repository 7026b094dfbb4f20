#compdef polycubectl
# zsh completion for polycubectl: source <(polycubectl completion zsh),
# or as a file named _polycubectl in a folder of $fpath

_polycubectl() {
    if [[ $words[CURRENT-1] == -f ]]; then
        _files
        return
    fi
    local -a found
    found=("${(@f)$(polycubectl --complete "${(@)words[2,CURRENT]}" 2>/dev/null </dev/null)}")
    compadd -S '' -- "${(@M)found:#*=}"
    compadd -- "${(@)found:#(|*=)}"
}

if [[ $funcstack[1] == _polycubectl ]]; then
    _polycubectl "$@"
else
    compdef _polycubectl polycubectl
fi
