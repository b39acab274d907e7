# Made from lib/cli/command_tables.ts by: deno task completions

_parley_client() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  # bash takes "--option=value" apart at the equals sign.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
  COMPREPLY=()
  case $prev in
    --server)
      :
      return
      ;;
    --room)
      :
      return
      ;;
    --name)
      :
      return
      ;;
    --join)
      :
      [[ $cur == -* ]] || return
      ;;
    --profile)
      :
      return
      ;;
    --peer)
      :
      return
      ;;
    --profile-dir)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    --passphrase-fd)
      :
      return
      ;;
    --explain)
      mapfile -t COMPREPLY < <(compgen -W 'all' -- "$cur")
      [[ $cur == -* ]] || return
      ;;
    --classic-group)
      :
      return
      ;;
    --send)
      :
      return
      ;;
    --send-file)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    --files)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    --timeout)
      :
      return
      ;;
    --patience)
      :
      return
      ;;
    --color)
      mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur")
      return
      ;;
    --notify)
      mapfile -t COMPREPLY < <(compgen -W 'bell osc off' -- "$cur")
      return
      ;;
    --config)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    --help)
      mapfile -t COMPREPLY < <(compgen -W 'all' -- "$cur")
      [[ $cur == -* ]] || return
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W '--server --room --name --invite --join --deniable --profile --peer --profile-dir --passphrase-fd --explain --classic --classic-group --json --json-input --send --send-file --files --accept-files --wait --timeout --patience --require-verified --color --ascii --notify --suspend --config --help --version' -- "$cur")
}
complete -F _parley_client parley-client


_parley_server() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  # bash takes "--option=value" apart at the equals sign.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
  COMPREPLY=()
  case $prev in
    --host)
      :
      return
      ;;
    --port)
      :
      return
      ;;
    --max-payload)
      :
      return
      ;;
    --away)
      :
      return
      ;;
    --log-level)
      mapfile -t COMPREPLY < <(compgen -W 'silent error info debug trace' -- "$cur")
      return
      ;;
    --help)
      mapfile -t COMPREPLY < <(compgen -W 'all' -- "$cur")
      [[ $cur == -* ]] || return
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W '--host --port --max-payload --away --log-level --help --version' -- "$cur")
}
complete -F _parley_server parley-server
