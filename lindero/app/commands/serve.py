"""The command that opens the map, and says where others find it."""

import io
from pathlib import Path
from typing import Annotated

import typer

from lindero.app.commands.options import WorkspaceArgument, program, progress_bar, say, workspace_at
from lindero.app.commands.vault.key import KeyFileOption, opened_by
from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.errors import N_, WorkspaceError

EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  told apart, not listened at


@program.command(help=_("Open the map; without a workspace, the demonstration."))
def serve(
    workspace: WorkspaceArgument = None,
    host: Annotated[str, typer.Option(help=_("Address to listen at; others than this machine's show it to all."))] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(help=_("Port to listen at."), min=1, max=65535)] = 8501,
    key_file: KeyFileOption = None,
    login: Annotated[
        Path | None, typer.Option(help=_("File with the settings of a login (OpenID Connect) that readers need."))
    ] = None,
    roles: Annotated[
        Path | None, typer.Option(help=_("File that says who may see, add, accept and see the vault; with --login."))
    ] = None,
    *,
    with_vault: Annotated[
        bool, typer.Option("--vault", help=_("Show what is in the vault, too: asks for its key."))
    ] = (False),
    operator: Annotated[
        bool, typer.Option("--operator", help=_("Let whoever opens the map on this machine add files to it."))
    ] = False,
    open_browser: Annotated[bool, typer.Option("--open", help=_("Open it in the browser, too."))] = False,
) -> None:
    """Build what is not built yet, and serve."""
    from lindero.app.pipeline.build import build, demonstration
    from lindero.app.serving.asgi import check_free
    from lindero.app.serving.asgi import serve as serve_map
    from lindero.layers.workspace.manifest_file import MANIFEST

    here = workspace is None and not Path(MANIFEST).is_file()
    space = demonstration() if here else workspace_at(workspace)
    if operator and here:
        raise WorkspaceError(N_("with --operator name a workspace of your own: the demonstration map takes no files"))
    vault = opened_by(space, key_file) if with_vault else None
    check_free(host, port)  # before the map is built, and before an address is named
    with progress_bar(_("Building")) as step:
        build(space, progress=step)
    _say_where(host, port)
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


def _say_where(host: str, port: int) -> None:
    """Say where the map is found: on this machine, or by others, who may read the address with a camera."""
    from lindero.app.serving.asgi import LOOPBACK

    if host in LOOPBACK:
        say(_("The map is at http://localhost:{port} – stop it with Ctrl+C.").format(port=port))
        return
    found = addresses(host, port)
    if not found:
        say(
            _(
                "This machine is in no network: nobody else can open the map, which is at http://localhost:{port}."
            ).format(port=port)
        )
        return
    light = light_page(found[0])
    say(_("The map is at {addresses} – stop it with Ctrl+C.").format(addresses=", ".join(found)))
    say(_("For phones: {address}, or by this code:").format(address=light))
    say(qr_code(light))
    say(_("A phone tells no page of plain http where it is: type what its map or compass shows."))


# Where other devices find the map: the addresses of this machine, and the code that a phone's camera reads.


def addresses(host: str, port: int) -> list[str]:
    """
    Give the addresses at which others reach a server that listens at `host`, those of IPv4 first.

    Only this machine's own settings are read; no other machine is asked.
    """
    found = [host] if host not in EVERYWHERE else [ip for ip in _own() if host != "0.0.0.0" or ":" not in ip]  # noqa: S104
    return [f"http://{f'[{ip}]' if ':' in ip else ip}:{port}" for ip in sorted(found, key=lambda ip: ":" in ip)]


def light_page(address: str) -> str:
    """Give the address of the light page in the language spoken."""
    from lindero.app.serving.light.page import ADDRESSES

    return f"{address}{ADDRESSES.get(i18n.current(), '/here')}"


def qr_code(address: str) -> str:
    """Draw an address as a QR code for a terminal."""
    import segno

    drawn = io.StringIO()
    segno.make(address, error="m", micro=False).terminal(out=drawn, compact=True, border=2)
    return drawn.getvalue()


def _own() -> list[str]:
    """Give this machine's addresses that another may reach: neither loopback nor link-local."""
    import ipaddress

    import ifaddr

    every = [ip.ip if isinstance(ip.ip, str) else ip.ip[0] for adapter in ifaddr.get_adapters() for ip in adapter.ips]
    parsed = [(text, ipaddress.ip_address(text)) for text in dict.fromkeys(every)]
    return [text for text, ip in parsed if not (ip.is_loopback or ip.is_link_local)]
