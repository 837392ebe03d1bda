#!/usr/bin/env bash
# kernel.sh FOLDER: puts what rig.sh boots there, Debian's kernel as `vmlinuz` and an `initramfs`. The packages are unpacked, not installed:
# this machine's own kernel and boot loader stay as they are. The cloud kernel has neither PPP nor 9p.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

package=$(apt-cache depends --important linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p')
[ -n "$package" ] || { echo "apt knows no linux-image-amd64: run apt-get update" >&2; exit 1; }
mkdir -p "$1" "$work/packages" "$work/root/bin" "$work/root/modules" "$work/root/host"
(cd "$work/packages" && apt-get download -o APT::Sandbox::User= "$package" busybox-static)
for archive in "$work"/packages/*.deb; do dpkg-deb -x "$archive" "$work"; done
version=${package#linux-image-}
depmod -b "$work" "$version"

cat >"$work/root/init" <<'INIT'
#!/bin/busybox sh
while read -r module; do /bin/busybox insmod "/modules/$module"; done </modules/order
/bin/busybox mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=512000,cache=loose host /host
exec /bin/busybox switch_root /host "$RIG_INIT"
INIT
chmod +x "$work/root/init"
cp "$work/bin/busybox" "$work/root/bin"
modprobe -d "$work" -S "$version" --show-depends -a virtio_pci 9pnet_virtio 9p virtio_net veth pppoe ppp_async ppp_synctty ppp_mppe |
  awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r module; do
  cp "$module" "$work/root/modules"
  basename "$module" >>"$work/root/modules/order"
done
(cd "$work/root" && find . | "$work/bin/busybox" cpio -o -H newc | gzip -1) >"$1/initramfs"
cp "$work/boot/vmlinuz-$version" "$1/vmlinuz"
