"""What is served: the pages, and what the product asks behind them."""

from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.flask_oauth2 import ResourceProtector
from authlib.oauth2 import OAuth2Error
from flask import Flask, Response, jsonify, render_template, request, url_for

from config import CLAIMS, LOOPBACK

from .people import PEOPLE, Person, invented_code
from .server import TOKEN_SECONDS, Bearer, Codes, Provider, Server, is_loopback

LONGEST = 200  # characters of what somebody says of himself
POLICY = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
WRONG = "发来请求的系统、返回地址或参数不符合要求，没有登录。请回到原来的系统，重新登录。"


def serving(provider: Provider) -> Flask:
    """The WSGI app of a provider."""
    app = Flask(__name__)
    app.config.from_mapping(TRUSTED_HOSTS=list(LOOPBACK), OAUTH2_TOKEN_EXPIRES_IN={"authorization_code": TOKEN_SECONDS})
    server, protected = Server(app, provider), ResourceProtector()
    protected.register_token_validator(Bearer(provider))
    app.add_url_rule(
        "/", view_func=lambda: _said("这里没有要办的事", "请从职称评审台选择“单位登录”来到这里。"), endpoint="home"
    )
    app.add_url_rule("/.well-known/openid-configuration", view_func=lambda: _described(provider), endpoint="described")
    app.add_url_rule("/jwks", view_func=lambda: jsonify(_public(provider)), endpoint="jwks")
    app.add_url_rule("/authorize", view_func=lambda: _authorize(server), methods=["GET", "POST"], endpoint="authorize")
    app.add_url_rule("/token", view_func=server.create_token_response, methods=["POST"], endpoint="token")
    app.add_url_rule("/end_session", view_func=lambda: _leave(server), methods=["GET", "POST"], endpoint="end_session")

    @app.route("/userinfo", methods=["GET", "POST"])
    def userinfo() -> Response:
        with protected.acquire("openid") as token:
            return jsonify(token.person.claims())

    @app.after_request
    def guarded(answer: Response) -> Response:
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer

    return app


def _described(provider: Provider) -> Response:
    """OpenID Connect Discovery 1.0."""
    ends = {
        "authorization_endpoint": "authorize",
        "token_endpoint": "token",
        "userinfo_endpoint": "userinfo",
        "jwks_uri": "jwks",
        "end_session_endpoint": "end_session",
    }
    return jsonify(
        issuer=provider.issuer,
        **{name: provider.issuer + url_for(end) for name, end in ends.items()},
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=["authorization_code"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["RS256"],
        code_challenge_methods_supported=["S256"],
        token_endpoint_auth_methods_supported=list(Codes.TOKEN_ENDPOINT_AUTH_METHODS),
        scopes_supported=["openid", "profile"],
        claims_supported=["sub", *CLAIMS],
    )


def _public(provider: Provider) -> dict[str, Any]:
    return {"keys": [provider.key.as_dict(private=False)]}


def _authorize(server: Server) -> Response | tuple[str, int]:
    """Who comes? Each answer goes back to the system that asked, at an address of this machine."""
    if not is_loopback(request.values.get("redirect_uri", "")):  # authlib fails when it quotes some that it refuses
        return _said("不能登录", WRONG), 400
    try:
        grant = server.get_consent_grant()
    except OAuth2Error as error:
        return server.handle_error_response(None, error) if error.redirect_uri else (_said("不能登录", WRONG), 400)
    if request.method == "GET":
        return _choose(grant), 200
    if "cancel" in request.form:
        return server.create_authorization_response(grant_user=None, grant=grant)
    person = _chosen()
    if person is None:
        return _choose(grant, "请填写单位统一社会信用代码、单位名称和姓名。"), 400
    return server.create_authorization_response(grant_user=person, grant=grant)


def _chosen() -> Person | None:
    """One of PEOPLE, or who the form says; None when too little is said. Codes and numbers may be wrong ones: it is the
    product that looks at them."""
    if (number := request.form.get("person", "")).isdecimal() and int(number) < len(PEOPLE):
        return PEOPLE[int(number)][0]
    person = Person(*(request.form.get(name, "").strip()[:LONGEST] for name in CLAIMS))
    return person if person.unit_code and person.unit_name and person.name else None


def _choose(grant: Any, problem: str = "") -> str:
    back = urlsplit(grant.request.payload.redirect_uri)
    units: dict[tuple[str, str], list[tuple[int, Person, str]]] = {}
    for number, (person, note) in enumerate(PEOPLE):
        units.setdefault((person.unit_name, person.unit_code), []).append((number, person, note))
    said = {name: request.form.get(name, "") for name in CLAIMS}
    said["unit_code"] = said["unit_code"] or invented_code()
    return render_template("choose.html", units=units, back=back, problem=problem, said=said, longest=LONGEST)


def _leave(server: Server) -> Response | tuple[str, int] | str:
    try:
        leaving = server.validate_endpoint_request("end_session")
    except OAuth2Error:
        return _said("没有退出", "退出请求不符合要求。关闭浏览器即可，这里不保留登录状态。"), 400
    server.create_endpoint_response("end_session", leaving)
    return _said("已退出统一身份认证", "这里不保留登录状态，下次登录会再次询问。", leaving.redirect_uri)


def _said(title: str, text: str, onward: str | None = None) -> str:
    return render_template("said.html", title=title, text=text, onward=onward)
