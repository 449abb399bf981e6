# The handler: an event of the bus in, a greeting out.
handler() {
  name=$(sed -n 's/.*"name": *"\([^"\\]*\)".*/\1/p')
  if [ -z "$name" ]; then
    echo "a signup without a name" >&2
    return 1
  fi
  printf '{"level": "INFO", "message": "greeted", "name": "%s"}\n' "$name" >&2
  printf '{"greeting": "Welcome, %s!"}' "$name"
}
