"""The meeting addresses that each platform takes, and those that it must not."""

import pytest

from app.errors import InvalidMeetingURL, PlatformUnsupported
from app.platforms import targets

GOOD = [
    ("discord", "https://discord.com/channels/1/22", "1/22"),
    ("discord", "https://WWW.Discord.com/channels/123/456/", "123/456"),
    ("discord", "https://ptb.discord.com/channels/@me/22", "@me/22"),
    ("discord", "https://canary.discordapp.com/channels/1/22?x=1#y", "1/22"),
    (
        "teams",
        "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%7d",
        "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%7d",
    ),
    (
        "teams",
        "https://teams.microsoft.com/meet/2345678?p=AbC",
        "https://teams.microsoft.com/meet/2345678?p=AbC",
    ),
    ("teams", "https://teams.live.com/meet/93", "https://teams.live.com/meet/93"),
    (
        "teams",
        "https://gov.teams.microsoft.us/l/meetup-join/x/0",
        "https://gov.teams.microsoft.us/l/meetup-join/x/0",
    ),
    ("meet", "https://meet.google.com/abc-defg-hij", "abc-defg-hij"),
    ("meet", "https://meet.google.com:443/abc-defg-hij?authuser=1", "abc-defg-hij"),
    ("meet", "  abc-defg-hij\n", "abc-defg-hij"),
    ("zoom", "https://zoom.us/j/123456789", "https://zoom.us/j/123456789"),
    (
        "zoom",
        "https://us02web.zoom.us/j/12345678901?pwd=a.1",
        "https://us02web.zoom.us/j/12345678901?pwd=a.1",
    ),
    ("zoom", "https://zoom.us/wc/join/123456789", "https://zoom.us/wc/join/123456789"),
    ("zoom", "https://zoom.us/wc/123456789/join", "https://zoom.us/wc/123456789/join"),
    ("zoom", "https://zoom.us/my/alice.b", "https://zoom.us/my/alice.b"),
    ("zoom", "https://agency.zoomgov.com/j/1234567890", "https://agency.zoomgov.com/j/1234567890"),
    ("telegram", "https://t.me/some_group", "@some_group"),
    ("telegram", "https://t.me/some_group?videochat=x", "@some_group"),
    ("telegram", "https://t.me/+AbCdEf12345", "+AbCdEf12345"),
    ("telegram", "https://t.me/c/1234567", "-1001234567"),
    ("telegram", "tg://resolve?domain=some_group", "@some_group"),
    ("telegram", "tg://join?invite=AbCdEf12345", "+AbCdEf12345"),
    ("telegram", "@some_group", "@some_group"),
    ("telegram", "-1001234567", "-1001234567"),
    ("slack", "https://acme.slack.com/archives/C012AB3CD", "C012AB3CD"),
    ("slack", "https://app.slack.com/client/T012AB3CD/D9", "D9"),
    ("slack", "slack://channel?team=T012&id=C034", "C034"),
    ("nctalk", "https://cloud.example.org/call/abcd1234", "https://cloud.example.org/call/abcd1234"),
    (
        "nctalk",
        "https://Cloud.example.org:8443/index.php/call/abcd1234",
        "https://cloud.example.org:8443/call/abcd1234",
    ),
    ("nctalk", "abcd1234", "abcd1234"),
    ("sip", "sip:alice@example.org", "sip:alice@example.org"),
    ("sip", "sips:+3225550100@10.0.0.7:5061;transport=tls;user=phone",
     "sips:+3225550100@10.0.0.7:5061;transport=tls;user=phone"),
    ("sip", "sip:alice@[2001:db8::1]:5060", "sip:alice@[2001:db8::1]:5060"),
    ("sip", "tel:+3225550100", "+3225550100"),
    ("sip", "+3225550100", "+3225550100"),
    ("whatsapp", "https://wa.me/3225550100", "+3225550100"),
    ("whatsapp", "whatsapp://send?phone=3225550100", "+3225550100"),
    ("whatsapp", "whatsapp://send?phone=%2B3225550100&text=hi", "+3225550100"),
    ("whatsapp", "whatsapp://send/?phone=+3225550100", "+3225550100"),
    ("whatsapp", "+3225550100", "+3225550100"),
    ("room", " Weekly sync ", "Weekly sync"),
    ("room", "", ""),
]  # fmt: skip

BAD = [
    ("discord", ""),
    ("discord", "https://discord.com/channels/1"),
    ("discord", "https://discord.com/channels/1/x"),
    ("discord", "https://discord.com/channels/1/" + "2" * 21),
    ("discord", "http://discord.com/channels/1/2"),
    ("discord", "https://discord.com.evil.example/channels/1/2"),
    ("discord", "https://evil.example/discord.com/channels/1/2"),
    ("discord", "https://evildiscord.com/channels/1/2"),
    ("discord", "https://user@discord.com/channels/1/2"),
    ("discord", "https://user:word@discord.com/channels/1/2"),
    ("discord", "https://discord.com:8443/channels/1/2"),
    ("discord", "https://discord.com:port/channels/1/2"),
    ("discord", "https://discord.com\\@evil.example/channels/1/2"),
    ("discord", "https://discord.com/channels/1/2\u0000"),
    ("discord", "https://discord.com/chan\nnels/1/2"),
    ("discord", "https://discord.com/channels/1/2 https://x"),
    ("discord", "https://discord.com/channels/\uff11/2"),
    ("teams", "https://teams.microsoft.com/meet/2345678"),
    ("teams", "https://teams.microsoft.com/l/meetup-join/"),
    ("teams", "https://teams.microsoft.us.example/meet/1?p=a"),
    ("teams", "https://teams.live.com/l/meetup-join/x"),
    ("meet", "https://meet.google.com/abc-defg-hi"),
    ("meet", "https://meet.google.com/new"),
    ("meet", "https://meet.google.com.evil.example/abc-defg-hij"),
    ("meet", "abcdefghij"),
    ("zoom", "https://zoom.us/j/12345678"),
    ("zoom", "https://zoom.us/j/123456789012"),
    ("zoom", "https://notzoom.us/j/123456789"),
    ("zoom", "https://zoom.us/s/123456789"),
    ("telegram", "https://t.me/"),
    ("telegram", "https://t.me/ab"),
    ("telegram", "https://telegram.example/some_group"),
    ("telegram", "tg://resolve?domain="),
    ("telegram", "tg://resolve?domain=some_group&domain=other_group"),
    ("telegram", "some_group"),
    ("slack", "https://slack.com.evil.example/archives/C012AB3CD"),
    ("slack", "https://acme.slack.com/archives/"),
    ("slack", "slack://channel?team=T012"),
    ("nctalk", "http://cloud.example.org/call/abcd1234"),
    ("nctalk", "https://bot:word@cloud.example.org/call/abcd1234"),
    ("nctalk", "https://cloud.example.org/apps/call/abcd1234"),
    ("nctalk", "https://[::1/call/abcd1234"),
    ("sip", "sip:example.org"),
    ("sip", "sip:alice:word@example.org"),
    ("sip", "sip:alice@example.org?subject=x"),
    ("sip", "sip:alice@example.org;maddr=10.0.0.1"),
    ("sip", "sip:alice@example.org;transport=quic"),
    ("sip", "sip:alice@evil example.org"),
    ("sip", "tel:5550100"),
    ("sip", "+0225550100"),
    ("sip", "+1234567890123456"),
    ("whatsapp", "https://wa.me/0225550100"),
    ("whatsapp", "https://wa.me/message/ABC"),
    ("whatsapp", "whatsapp://send?text=hi"),
    ("whatsapp", "whatsapp://send?phone=abc"),
    ("room", "a\u0007b"),
]  # fmt: skip


@pytest.mark.parametrize(("platform", "address", "target"), GOOD)
def test_an_address_of_the_platform_says_what_to_join(platform, address, target):
    assert targets.parse(platform, address) == target


@pytest.mark.parametrize(("platform", "address"), BAD)
def test_any_other_address_is_refused(platform, address):
    with pytest.raises(InvalidMeetingURL):
        targets.parse(platform, address)


@pytest.mark.parametrize(
    "address",
    [
        "https://app.slack.com/huddle/T012AB3CD/C012AB3CD",
        "https://acme.slack.com/archives/C1/huddle/x",
    ],
)
def test_a_slack_huddle_is_named_as_impossible(address):
    with pytest.raises(PlatformUnsupported):
        targets.parse("slack", address)


@pytest.mark.parametrize("platform", sorted(targets.FORMS))
def test_no_platform_takes_anothers_addresses(platform):
    # A phone number is an address of both platforms that call numbers; a bare Nextcloud token
    # looks like a number.
    shared = {"+3225550100", "abcd1234"}
    for owner, address, _ in GOOD:
        if owner in (platform, "room") or address in shared:
            continue
        with pytest.raises((InvalidMeetingURL, PlatformUnsupported)):
            targets.parse(platform, address)
