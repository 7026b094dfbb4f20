# bash completion for polycubectl: eval "$(polycubectl completion bash)"

_polycubectl() {
    # bash cuts words at = and : too: take the line as typed, and offer only what follows the last cut.
    local line=${COMP_LINE:0:COMP_POINT} words current typed
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    if ((${#words[@]} > 2)) && [[ ${words[${#words[@]} - 2]} == -f ]]; then
        COMPREPLY=()
        compopt -o default # names of files
        return 0
    fi
    current=${words[${#words[@]} - 1]}
    typed=${current%"${current##*[=:]}"}
    mapfile -t COMPREPLY < <(polycubectl --complete "${words[@]:1}" 2>/dev/null </dev/null)
    COMPREPLY=("${COMPREPLY[@]#"$typed"}")
    [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
    return 0
}

complete -F _polycubectl polycubectl
