# Holds the namespaces of one private engine, and cleans up after it. Run by `sh -c`, with the folder of the engine and
# the name of its cgroup; standard input is a pipe whose other end the test process holds.
#
# When that process ends, in whatever way, the pipe closes, `cat` ends, and as it is all that pid 1 of the pid namespace
# waits for, the kernel kills everything inside. This shell stays outside, and removes what is left: the cgroup
# folders and the engine's data. It ignores the signals of a terminal, which would end it before its work.
trap '' HUP INT TERM
folder=$1
group=$2

# Whoever starts a laboratory later removes folders whose lock nobody holds: this shell may have been killed as well.
exec 9>"$folder/lock"
flock 9

unshare --mount --net --pid --ipc --uts --fork --kill-child=KILL --mount-proc --propagation private sh -c '
  set -e
  ip link set lo up
  # The engine of this machine keeps its socket in /run and its key in /etc/docker: neither is seen inside.
  mount -t tmpfs tmpfs /run
  if [ -d /etc/docker ]; then mount -t tmpfs tmpfs /etc/docker; fi
  if [ -d /var/lib/cni ]; then mount -t tmpfs tmpfs /var/lib/cni; fi
  echo ready
  exec >/dev/null 9>&-
  exec "$0" -s -- cat
' "$3"

for root in /sys/fs/cgroup /sys/fs/cgroup/*; do
  if [ -d "$root/$group" ]; then
    find "$root/$group" -depth -type d -exec rmdir {} + 2>/dev/null
  fi
done
# Podman puts its containers under a parent that all Podmans share: only those of this engine are removed.
for path in "$folder"/data/overlay-containers/*/ "$folder"/data/vfs-containers/*/; do
  id=$(basename "$path")
  for parent in /sys/fs/cgroup/libpod_parent /sys/fs/cgroup/*/libpod_parent; do
    for group in "$parent/libpod-$id" "$parent/libpod-conmon-$id"; do
      if [ -d "$group" ]; then
        find "$group" -depth -type d -exec rmdir {} + 2>/dev/null
      fi
    done
    # Only if it is empty.
    if [ -d "$parent" ]; then rmdir "$parent" 2>/dev/null; fi
  done
done
for attempt in 1 2 3 4 5; do
  rm -rf --one-file-system "$folder" 2>/dev/null && break
  sleep 0.2
done
