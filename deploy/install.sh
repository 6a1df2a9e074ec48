#!/bin/sh
# Installs wardsite for one unit on Debian 12/13 or Ubuntu 22.04/24.04, beside those of other units; running it
# again mends and upgrades. --help tells the options, --dry-run what would be done.
set -eu

ID='' KIND=ward NAME='' HOST='' EMAIL='' DISTRICT_URL='' DISTRICT_KEY=''
PROXY=nginx TLS=certbot DRY=false DO=install YES=false
SOURCE=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
ROOT=/opt/wardsite DATA=/var/lib/wardsite

usage() {
  cat <<'HELP'
Cách dùng: deploy/install.sh --id MÃ --name "TÊN" --host TÊN-MIỀN --email ĐỊA-CHỈ [tùy chọn]
           deploy/install.sh --upgrade          nâng cấp mọi đơn vị trên máy này
           deploy/install.sh --uninstall --id MÃ   gỡ một đơn vị; dữ liệu được giữ

  --id MÃ               mã của đơn vị trong tệp của cấp trên, ví dụ ha-dinh (tối đa 22 ký tự)
  --kind ward|school|office    loại đơn vị (mặc định ward)
  --name TÊN            tên đơn vị, ví dụ "Phường Hạ Đình"
  --host TÊN-MIỀN       tên miền công khai, ví dụ hadinh.example.gov.vn
  --email ĐỊA-CHỈ       nơi Let's Encrypt báo khi chứng thư sắp hết hạn
  --district-url URL    nơi có tệp cấu hình của cấp trên
  --district-key KHÓA   khóa công khai minisign của cấp trên
  --self-signed         chứng thư tự ký, để thử khi tên miền chưa trỏ tới máy này
  --no-proxy            không cài nginx và certbot (dùng Caddy: xem deploy/Caddyfile)
  --dry-run             chỉ in ra những gì sẽ làm
  --purge               cùng --uninstall: xóa cả dữ liệu, sau khi hỏi lại (--yes: không hỏi)
HELP
}

die() { printf 'LỖI: %s\n' "$*" >&2; exit 1; }
step() { printf '\n== %s\n' "$1"; [ -z "${2:-}" ] || printf '   %s\n' "$2"; }
run() { # run COMMAND…: does it, or tells it in a dry run
  if $DRY; then printf '   + %s\n' "$*"; else "$@"; fi
}
write() { # write FILE MODE: puts standard input there whole, or tells it
  if $DRY; then printf '   + write %s (%s)\n' "$1" "$2"; cat >/dev/null; return; fi
  mkdir -p "$(dirname "$1")"
  cat > "$1.new"
  chmod "$2" "$1.new"
  mv "$1.new" "$1"
}

while [ $# -gt 0 ]; do
  case $1 in
    --id) ID=$2; shift ;;          --kind) KIND=$2; shift ;;
    --name) NAME=$2; shift ;;      --host) HOST=$2; shift ;;
    --email) EMAIL=$2; shift ;;    --district-url) DISTRICT_URL=$2; shift ;;
    --district-key) DISTRICT_KEY=$2; shift ;;
    --self-signed) TLS=self-signed ;;
    --no-proxy) PROXY=none ;;
    --dry-run) DRY=true ;;         --yes) YES=true ;;
    --upgrade) DO=upgrade ;;       --uninstall) DO=uninstall ;;
    --purge) PURGE=true ;;
    -h|--help) usage; exit 0 ;;
    *) usage >&2; die "không hiểu tùy chọn $1" ;;
  esac
  shift
done

check_options() {
  printf '%s' "$ID" | grep -Eqx '[a-z0-9]+(-[a-z0-9]+)*' || die "--id: chỉ chữ thường không dấu, số và gạch nối"
  [ "${#ID}" -le 22 ] || die "--id: tối đa 22 ký tự"
  case $KIND in ward|school|office) ;; *) die "--kind: ward, school hoặc office" ;; esac
  if [ "$DO" = install ]; then
    [ -n "$NAME" ] || [ -f "$DATA/$ID/wardsite.toml" ] || die "thiếu --name"
    printf '%s' "$HOST" | grep -Eqx '[a-z0-9-]+(\.[a-z0-9-]+)+' || die "--host: một tên miền như hadinh.example.gov.vn"
    [ -n "$EMAIL" ] || [ "$TLS" != certbot ] || [ $PROXY = none ] || die "thiếu --email (cho Let's Encrypt)"
  fi
}

check_system() {
  # In a shell of its own: the file sets ID and NAME, which are ours here.
  # shellcheck source=/dev/null
  system=$(. "${OS_RELEASE:-/etc/os-release}" && printf '%s-%s' "$ID" "${VERSION_ID:-}")
  case $system in
    debian-12|debian-13|ubuntu-24.04) PYTHON_PACKAGES="python3 python3-venv" ;;
    ubuntu-22.04) PYTHON_PACKAGES="python3.11 python3.11-venv" ;;
    *) die "chưa được thử trên $system; dùng Debian 12/13 hoặc Ubuntu 22.04/24.04" ;;
  esac
  $DRY || [ "$(id -u)" = 0 ] || die "cần chạy bằng quyền root (sudo)"
}

install_packages() {
  step "Cài các gói của hệ điều hành" "Python, và nginx cùng certbot khi chúng đứng trước trang."
  packages="$PYTHON_PACKAGES ca-certificates openssl"
  [ $DO != upgrade ] || PROXY=none   # what stands in front is there
  [ $PROXY = none ] || packages="$packages nginx"
  [ $PROXY = none ] || [ $TLS != certbot ] || packages="$packages certbot"
  missing=''
  for package in $packages; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok' || missing="$missing $package"
  done
  [ -n "$missing" ] || { echo "   đã có đủ"; return 0; }
  run apt-get update -qq
  # shellcheck disable=SC2086 # words apart on purpose
  run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
}

release_sum() { # what names a release: every file that it consists of
  (cd "$SOURCE" && find wardsite translations deploy requirements*.txt pyproject.toml -type f \
    ! -name '*.pyc' ! -name '*.mo' | LC_ALL=C sort | tr '\n' '\0' | xargs -0 cat | cksum | cut -d ' ' -f 1)
}

install_release() {
  RELEASE=$ROOT/releases/$(release_sum)
  step "Chép phần mềm vào $RELEASE" "Bản đang dùng không bị đụng tới; môi trường Python riêng, thư viện theo mã băm."
  # What only some sites need: a store of files, PostgreSQL.
  extras=''
  ! grep -qs '^media_bucket *=' "$DATA"/*/wardsite.toml || extras=s3
  ! grep -qs '^database_url *=' "$DATA"/*/wardsite.toml || extras="$extras postgresql"
  if [ -f "$RELEASE/.complete" ]; then
    echo "   đã có"
    [ -z "$extras" ] || run env "WARDSITE_EXTRAS=$extras" "$RELEASE/script/setup"
    return 0
  fi
  run rm -rf "$RELEASE"
  run mkdir -p "$RELEASE"
  run sh -c "tar -C '$SOURCE' --exclude=.git --exclude=.venv --exclude=./instance --exclude=node_modules \
    --exclude=__pycache__ --exclude=./tests --exclude=./bench -cf - . | tar -C '$RELEASE' --no-same-owner -xf -"
  run env "WARDSITE_EXTRAS=$extras" "$RELEASE/script/setup"
  run "$RELEASE/.venv/bin/python" -m compileall -q "$RELEASE/wardsite"
  run chmod -R u=rwX,go=rX "$RELEASE"
  run chmod 755 $ROOT $ROOT/releases
  run touch "$RELEASE/.complete"
}

in_use() { # in_use RELEASE: whether a unit's site runs it
  for link in "$ROOT"/*; do
    [ "$(readlink "$link")" != "$1" ] || return 0
  done
  return 1
}

tidy_releases() { # keeps what is in use, and the newest of what is not, to go back to
  spare=''
  for old in $(find $ROOT/releases -mindepth 1 -maxdepth 1 -printf '%T@ %p\n' 2>/dev/null | sort -rn | cut -d ' ' -f 2); do
    if in_use "$old"; then continue; fi
    if [ -z "$spare" ]; then spare=$old; else run rm -rf "$old"; fi
  done
}

install_units() {
  step "Cài các đơn vị systemd" "Trang (không có mạng, chỉ một socket Unix), lịch chạy việc đến hạn, chép sao lưu ra ngoài."
  for unit in "$SOURCE"/deploy/systemd/*; do
    write "/etc/systemd/system/${unit##*/}" 644 < "$unit"
  done
  write /usr/local/bin/wardsite 755 < "$SOURCE/deploy/wardsite"
  run systemctl daemon-reload
}

make_user() {
  step "Tạo người dùng hệ thống wardsite-$ID" "Mỗi đơn vị một người dùng: trang này không đọc được dữ liệu của trang kia."
  if id "wardsite-$ID" >/dev/null 2>&1; then echo "   đã có"; else
    run useradd --system --user-group --home-dir "$DATA/$ID" --no-create-home --shell /usr/sbin/nologin "wardsite-$ID"
  fi
  run mkdir -p $DATA
  run install -d -o "wardsite-$ID" -g "wardsite-$ID" -m 700 "$DATA/$ID"
}

as_user() { # as_user RELEASE COMMAND…: as the unit's user, in its instance
  release=$1
  shift
  run runuser -u "wardsite-$ID" -- env LANG=vi_VN.UTF-8 "WARDSITE_INSTANCE=$DATA/$ID" ${HOST:+"WARDSITE_BASE_URL=https://$HOST"} \
    "$release/.venv/bin/wardsite" "$@"
}

make_instance() {
  step "Tạo trang của đơn vị trong $DATA/$ID" "In ra mật khẩu dùng một lần của quản trị viên đầu tiên: hãy ghi lại."
  if [ -f "$DATA/$ID/wardsite.toml" ]; then echo "   đã có; giữ nguyên"; else
    set -- init --id "$ID" --kind "$KIND" --name "$NAME"
    [ -z "$DISTRICT_URL" ] || set -- "$@" --district-url "$DISTRICT_URL"
    [ -z "$DISTRICT_KEY" ] || set -- "$@" --district-key "$DISTRICT_KEY"
    as_user "$RELEASE" "$@"
  fi
  setting base_url "https://$HOST"
  setting socket "/run/wardsite/$ID/http.sock"
  setting trusted_proxies 1
  [ $PROXY = none ] || setting proxy_cache_folder "/var/cache/nginx/wardsite-$ID"
}

setting() { # setting KEY VALUE: adds it to wardsite.toml unless there is one
  if grep -q "^$1 *=" "$DATA/$ID/wardsite.toml" 2>/dev/null; then return 0; fi
  case $2 in *[!0-9]*) line="$1 = \"$2\"" ;; *) line="$1 = $2" ;; esac
  if $DRY; then printf '   + %s >> %s\n' "$line" "$DATA/$ID/wardsite.toml"; else
    printf '%s\n' "$line" >> "$DATA/$ID/wardsite.toml"
  fi
}

switch_release() { # the unit's site to $RELEASE: upgraded while stopped, or back to what it was
  before=$(readlink "$ROOT/$ID" || true)
  step "Chuyển trang $ID sang bản mới" "Sao lưu, nâng cấp một bản sao, kiểm tra; không được thì chạy lại bản cũ."
  if [ "$before" = "$RELEASE" ] && systemctl is-active --quiet "wardsite@$ID.service"; then
    echo "   đã là bản này và đang chạy"
    return 0
  fi
  run systemctl stop "wardsite@$ID.timer" "wardsite-tick@$ID.service" "wardsite@$ID.service"
  if ! as_user "$RELEASE" upgrade; then
    [ -z "$before" ] || run systemctl start "wardsite@$ID.service" "wardsite@$ID.timer"
    die "trang $ID chưa được nâng cấp và vẫn chạy bản cũ ($before)"
  fi
  run ln -sfn "$RELEASE" "$ROOT/$ID"
  run systemctl enable --quiet "wardsite@$ID.service" "wardsite@$ID.timer" "wardsite-offsite@$ID.path"
  run systemctl restart "wardsite@$ID.service" "wardsite@$ID.timer" "wardsite-offsite@$ID.path"
}

certificate() { # sets CERTIFICATE to the folder that holds fullchain.pem and privkey.pem
  if [ $TLS = self-signed ]; then
    CERTIFICATE=/etc/wardsite/tls/$HOST
    [ ! -f "$CERTIFICATE/fullchain.pem" ] || return 0
    run install -d -m 700 "$CERTIFICATE"
    run openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj "/CN=$HOST" -addext "subjectAltName=DNS:$HOST" \
      -keyout "$CERTIFICATE/privkey.pem" -out "$CERTIFICATE/fullchain.pem"
    return 0
  fi
  CERTIFICATE=/etc/letsencrypt/live/$HOST
  [ ! -f "$CERTIFICATE/fullchain.pem" ] || return 0
  # Until there is a certificate nginx answers on port 80 alone, which is what Let's Encrypt asks.
  printf 'server { listen 80; listen [::]:80; server_name %s; root /var/www/acme; }\n' "$HOST" \
    | write "/etc/nginx/conf.d/wardsite-$ID.conf" 644
  run systemctl reload-or-restart nginx
  run certbot certonly --non-interactive --agree-tos -m "$EMAIL" --webroot -w /var/www/acme -d "$HOST" \
    --deploy-hook "systemctl reload nginx"
}

install_nginx() {
  step "Cấu hình nginx và HTTPS cho $HOST" "IPv4 và IPv6; giữ trang đã đọc để vẫn trả lời khi ứng dụng ngừng."
  run mkdir -p /var/www/acme
  run usermod -aG "wardsite-$ID" www-data   # through the folder of the socket, and no further
  run install -d -o www-data -g "wardsite-$ID" -m 2770 "/var/cache/nginx/wardsite-$ID"
  certificate
  run "$SOURCE/deploy/nginx-site" "$ID" "$HOST" "$CERTIFICATE" "$SOURCE/deploy/nginx/wardsite.conf" \
    "$before/deploy/nginx/wardsite.conf"
  run nginx -t -q
  run systemctl restart nginx   # not reload: the workers need their new group
}

renew_nginx() { # what stands in front of the unit's site, after an upgrade; --no-proxy and Caddy have none
  site=/etc/nginx/conf.d/wardsite-$ID.conf
  [ -f "$site" ] || return 0
  step "Cập nhật cấu hình nginx của $ID" "Chỗ nào quản trị viên đã sửa thì giữ nguyên và nói rõ."
  HOST=$(sed -n 's/^ *server_name  *\([^ ;]*\);.*/\1/p' "$site" | head -n 1)
  CERTIFICATE=$(sed -n 's#^ *ssl_certificate  *\(.*\)/fullchain\.pem;.*#\1#p' "$site" | head -n 1)
  if [ -z "$HOST" ] || [ -z "$CERTIFICATE" ]; then
    echo "   $site không theo mẫu (không có server_name hoặc ssl_certificate …/fullchain.pem): giữ nguyên"
    return 0
  fi
  # Refused by nginx it stays as it was, and the site is served on: no reason to leave the other units behind.
  if run "$SOURCE/deploy/nginx-site" "$ID" "$HOST" "$CERTIFICATE" "$SOURCE/deploy/nginx/wardsite.conf" \
    "$before/deploy/nginx/wardsite.conf"; then run systemctl reload nginx; fi
  HOST=''   # as_user tells the next unit's commands no address of this one
}

tell_firewall() {
  step "Tường lửa" "Chỉ cần mở cổng 22 (SSH), 80 và 443, cho cả IPv4 và IPv6. Nếu dùng ufw:"
  echo "   ufw allow OpenSSH && ufw allow 80/tcp && ufw allow 443/tcp && ufw enable"
}

tell_result() {
  step "Kiểm tra" "wardsite $ID doctor cho biết điều gì còn phải làm:"
  as_user "$RELEASE" doctor || true
  printf '\nTrang:      https://%s/\nĐăng nhập:  https://%s/dang-nhap\n' "$HOST" "$HOST"
}

units_here() { for toml in "$DATA"/*/wardsite.toml; do [ ! -f "$toml" ] || basename "$(dirname "$toml")"; done; }

uninstall() {
  step "Gỡ trang $ID" "Phần mềm và cấu hình được gỡ; dữ liệu trong $DATA/$ID được giữ, trừ khi có --purge."
  if $DRY || [ -e /etc/systemd/system/wardsite@.service ]; then
    run systemctl disable --now "wardsite@$ID.timer" "wardsite@$ID.service" "wardsite-offsite@$ID.path"
    # What is due may be at work: its user could not be removed.
    run systemctl stop "wardsite-tick@$ID.service" "wardsite-offsite@$ID.service"
  fi
  run rm -f "/etc/nginx/conf.d/wardsite-$ID.conf" "/etc/nginx/conf.d/wardsite-$ID.conf.cu" \
    "/etc/nginx/conf.d/wardsite-$ID.conf.moi" "/etc/wardsite/nginx/wardsite-$ID.conf" "$ROOT/$ID"
  if command -v nginx >/dev/null 2>&1; then run systemctl reload-or-restart nginx; fi
  run rm -rf "/var/cache/nginx/wardsite-$ID"
  if [ -n "${PURGE:-}" ]; then
    if ! $YES && ! $DRY; then
      printf 'Xóa vĩnh viễn %s, kể cả bản sao lưu? Gõ lại mã đơn vị: ' "$DATA/$ID"
      read -r typed
      [ "$typed" = "$ID" ] || die "không xóa gì"
    fi
    run rm -rf "${DATA:?}/$ID" "/var/lib/wardsite-offsite/$ID"
    if $DRY || id "wardsite-$ID" >/dev/null 2>&1; then run userdel "wardsite-$ID"; fi
    # userdel leaves a group that nginx is in.
    if getent group "wardsite-$ID" >/dev/null; then run groupdel "wardsite-$ID"; fi
  fi
  for other in "$ROOT"/*; do
    [ ! -L "$other" ] || return 0
  done
  run sh -c "rm -rf $ROOT /usr/local/bin/wardsite /etc/systemd/system/wardsite*@.*"
  run systemctl daemon-reload
}

case $DO in
  install)
    check_options; check_system; install_packages; install_release; install_units; make_user; make_instance
    switch_release; tidy_releases
    [ $PROXY = none ] || install_nginx
    tell_firewall; tell_result ;;
  upgrade)
    check_system; install_packages; install_release; install_units
    for ID in $(units_here); do switch_release; renew_nginx; done
    tidy_releases ;;
  uninstall) check_options; check_system; uninstall ;;
esac
