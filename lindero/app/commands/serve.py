"""The command that serves the map, and prints the addresses at which others can open it."""

import io
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from lindero.app.commands.options import WorkspaceArgument, open_workspace, print_message, program, progress_bar
from lindero.app.commands.vault.key import KeyFileOption, unlock_vault
from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.errors import N_, WorkspaceError

WILDCARD_HOSTS = ("0.0.0.0", "::", "")  # noqa: S104  told apart, not listened at


@program.command(help=_("Open the map, or the demonstration map without a workspace."))
def serve(
    workspace: WorkspaceArgument = None,
    host: Annotated[
        str,
        typer.Option(
            help=_("Address to listen on. With any address but 127.0.0.1, others on the network can open the map.")
        ),
    ] = ("127.0.0.1"),
    port: Annotated[int, typer.Option(help=_("Port to listen on."), min=1, max=65535)] = 8501,
    public_url: Annotated[
        str,
        typer.Option(
            help=_("Address at which others open the map, such as https://map.example.org, for citations and pictures.")
        ),
    ] = "",
    key_file: KeyFileOption = None,
    login: Annotated[
        Path | None, typer.Option(help=_("File with the login settings (OpenID Connect). Readers then have to log in."))
    ] = None,
    roles: Annotated[
        Path | None,
        typer.Option(help=_("File with the roles: who may view, add, accept, and see the vault. Requires --login.")),
    ] = None,
    *,
    with_vault: Annotated[
        bool, typer.Option("--vault", help=_("Also show the content of the vault. Asks for its key."))
    ] = (False),
    operator: Annotated[
        bool, typer.Option("--operator", help=_("Let anyone who opens the map on this computer add files to it."))
    ] = False,
    open_browser: Annotated[bool, typer.Option("--open", help=_("Also open the map in the browser."))] = False,
) -> None:
    """Build what is not built yet, and serve."""
    from lindero.app.builder.build import build_map, load_demonstration
    from lindero.app.media.pages.current import open_map
    from lindero.app.serving.asgi import check_port
    from lindero.app.serving.asgi import serve as serve_map
    from lindero.layers.workspace.manifest_file import MANIFEST

    is_demonstration = workspace is None and not Path(MANIFEST).is_file()
    space = load_demonstration() if is_demonstration else open_workspace(workspace)
    if operator and is_demonstration:
        raise WorkspaceError(
            N_("--operator needs a workspace of your own: the demonstration map does not accept files")
        )
    vault = unlock_vault(space, key_file) if with_vault else None
    open_map.set_public_url(_check_public_url(public_url))
    check_port(host, port)  # before the map is built and an address is printed
    with progress_bar(_("Building")) as step:
        build_map(space, progress=step)
    _print_addresses(host, port)
    serve_map(
        space.build_folder,
        host=host,
        port=port,
        open_browser=open_browser,
        vault=vault,
        operated=space.folder if operator else None,
        login_settings=login,
        roles_file=roles,
    )


def _check_public_url(url: str) -> str:
    """Return the address, if others can open a page at it."""
    from lindero.app.serving.asgi import LOOPBACK

    try:
        parts = urlsplit(url)
        is_open = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.hostname not in LOOPBACK
        is_plain = not (parts.username or parts.query or parts.fragment) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_open = is_plain = False
    if url and not (is_open and is_plain):
        text = _("--public-url '{url}' is not an address that others can open, such as https://map.example.org")
        raise typer.BadParameter(text.format(url=url))
    return url


def _print_addresses(host: str, port: int) -> None:
    """Print the address of the map, for this machine, or for other devices together with a QR code."""
    from lindero.app.serving.asgi import LOOPBACK

    if host in LOOPBACK:
        print_message(_("The map is at http://localhost:{port} – stop it with Ctrl+C.").format(port=port))
        return
    urls = list_addresses(host, port)
    if not urls:
        print_message(
            _(
                "The map is at http://localhost:{port} – this computer is not on a network, so nobody else can open it."
            ).format(port=port)
        )
        return
    light = light_page_url(urls[0])
    print_message(_("The map is at {addresses} – stop it with Ctrl+C.").format(addresses=", ".join(urls)))
    print_message(_("On a phone, open {address} or scan this code:").format(address=light))
    print_message(draw_qr_code(light))
    print_message(
        _(
            "A phone does not share its location with a plain http page: type the coordinates that its map or "
            "compass shows."
        )
    )


# Addresses of this machine for other devices, and the QR code for a phone's camera.


def list_addresses(host: str, port: int) -> list[str]:
    """Return the addresses at which other devices reach a server that listens on `host`, IPv4 first.

    Only the settings of this machine are read. No other machine is contacted.
    """
    hosts = [host]
    if host in WILDCARD_HOSTS:
        hosts = [ip for ip in _own_addresses() if host != "0.0.0.0" or ":" not in ip]  # noqa: S104
    return [f"http://{f'[{ip}]' if ':' in ip else ip}:{port}" for ip in sorted(hosts, key=lambda ip: ":" in ip)]


def light_page_url(address: str) -> str:
    """Return the address of the light page in the current language."""
    from lindero.app.serving.light.page import ADDRESSES

    return f"{address}{ADDRESSES.get(i18n.current_language(), '/here')}"


def draw_qr_code(address: str) -> str:
    """Draw an address as a QR code for a terminal."""
    import segno

    output = io.StringIO()
    segno.make(address, error="m", micro=False).terminal(out=output, compact=True, border=2)
    return output.getvalue()


def _own_addresses() -> list[str]:
    """Return the addresses of this machine that others can reach: neither loopback nor link-local."""
    import ipaddress

    import ifaddr

    texts = [ip.ip if isinstance(ip.ip, str) else ip.ip[0] for adapter in ifaddr.get_adapters() for ip in adapter.ips]
    parsed = [(text, ipaddress.ip_address(text)) for text in dict.fromkeys(texts)]
    return [text for text, ip in parsed if not (ip.is_loopback or ip.is_link_local)]
