# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Completion of postern's command line in bash, with the helpers of the package
# bash-completion where they are loaded, and without.

_postern_commands='serve check print-config can status who reload drain doctor'
_postern_questions='publish retain subscribe receive origin'

# The options of a command.
_postern_options() {
	case $1 in
	serve) echo '-c --upstream --listen --origin --help' ;;
	check | print-config) echo '-c --help' ;;
	can) echo '-c --route --user --client --claim --help' ;;
	status) echo '-c --socket --json --help' ;;
	who) echo '-c --socket --at --json --help' ;;
	reload) echo '-c --socket --help' ;;
	drain) echo '-c --socket --no-wait --help' ;;
	doctor)
		echo '--origin --user --password-file --ca --topic --timeout --help'
		;;
	*) echo "$_postern_commands --version --help" ;;
	esac
}

# Those of the words given that may stand here.
_postern_offer() {
	local word

	for word; do
		[[ $word != "$cur"* ]] || COMPREPLY+=("$word")
	done
}

# The same; something follows each of them.
_postern_begin() {
	compopt -o nospace
	_postern_offer "$@"
}

_postern_files() {
	if declare -F _filedir >/dev/null; then
		_filedir
	else
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	fi
}

# The paths of the routes in the file on the command line, or in that which is
# read without one; as they are to be typed.
_postern_routes() {
	local i file=() line='^ +path = "([^"]*)";$'

	for ((i = 1; i < ${#words[@]} - 1; i++)); do
		[[ ${words[i]} != -c ]] || file=(-c "${words[i + 1]/#\~\//$HOME/}")
	done
	"${words[0]/#\~\//$HOME/}" print-config "${file[@]}" </dev/null 2>/dev/null |
		while IFS= read -r REPLY; do
			[[ ! $REPLY =~ $line ]] || printf '%q\n' "${BASH_REMATCH[1]}"
		done
}

# What belongs to the word before the cursor; false: nothing does.
_postern_value() {
	local routes

	case $prev in
	-c | --password-file | --ca | --socket) _postern_files ;;
	--route)
		mapfile -t routes < <(_postern_routes)
		_postern_offer "${routes[@]}"
		;;
	--upstream) _postern_begin mqtt:// mqtts:// unix:/ ;;
	--listen) _postern_offer 8083 127.0.0.1:8083 0.0.0.0:8083 ;;
	--origin | origin) _postern_begin https:// http:// ;;
	publish | retain | subscribe | receive) ;;
	--user | --client | --claim | --at | --topic | --timeout) ;;
	*) return 1 ;;
	esac
}

# Whether what can asks is said already.
_postern_is_asked() {
	[[ " ${words[*]:2:cword-2} " =~ \ (${_postern_questions// /|})\  ]]
}

_postern_word() {
	local command=${words[1]} known

	((cword > 1)) || command=
	read -ra known <<<"$(_postern_options "$command")"
	if [[ $command == can ]] && ! _postern_is_asked; then
		read -ra known <<<"$_postern_questions ${known[*]}"
	fi
	_postern_offer "${known[@]}"
	if [[ $command == doctor && $cur != -* ]]; then
		_postern_begin wss:// ws://
	fi
}

# Words as they were typed: for bash a colon ends one.
_postern_split() {
	if declare -F _get_comp_words_by_ref >/dev/null; then
		_get_comp_words_by_ref -n := cur prev words cword
		return
	fi
	read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
	[[ ${COMP_LINE:0:COMP_POINT} != *[[:space:]] ]] || words+=('')
	cword=$((${#words[@]} - 1))
	cur=${words[cword]}
	prev=${words[cword - 1]}
}

# Where a colon ends a word, bash puts what is offered behind the last one.
_postern_trim() {
	local before=${cur%"${cur##*:}"} i

	[[ $COMP_WORDBREAKS == *:* ]] || return 0
	for i in "${!COMPREPLY[@]}"; do
		COMPREPLY[i]=${COMPREPLY[i]#"$before"}
	done
}

_postern() {
	local cur prev words cword

	COMPREPLY=()
	_postern_split
	_postern_value || _postern_word
	_postern_trim
}

complete -F _postern postern
