/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/authority.h"

#include <arpa/inet.h>
#include <string.h>

#include "policy/ascii.h"

#define LABEL_MAX 63
#define NAME_MAX_LEN 253
#define PORT_MAX 65535
#define PORT_DIGITS_MAX 5

static size_t find_octet(struct slice text, uint8_t octet)
{
	const uint8_t *at = NULL;

	if (text.len > 0)
		at = memchr(text.data, octet, text.len);
	return at ? (size_t)(at - text.data) : text.len;
}

void authority_split(struct slice text, struct slice *host, struct slice *port)
{
	size_t len;

	if (text.len > 0 && text.data[0] == '[') {
		len = find_octet(text, ']');
		if (len < text.len)
			len++;
	} else {
		len = find_octet(text, ':');
	}
	*host = slice_take(&text, len);
	*port = text;
}

static bool is_name_octet(uint8_t octet)
{
	return ascii_is_alpha(octet) || ascii_is_digit(octet) || octet == '-' ||
	       octet == '_' || octet == '.';
}

static enum authority_fault check_labels(struct slice name)
{
	size_t label = 0;

	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] != '.') {
			if (++label > LABEL_MAX)
				return AUTHORITY_TOO_LONG;
			continue;
		}
		if (label == 0)
			return AUTHORITY_EMPTY_LABEL;
		label = 0;
	}
	return label == 0 ? AUTHORITY_EMPTY_LABEL : AUTHORITY_FINE;
}

static bool is_hex(uint8_t octet)
{
	uint8_t folded = ascii_fold(octet);

	return ascii_is_digit(octet) || (folded >= 'a' && folded <= 'f');
}

/* What a browser takes for the end of an IPv4 address: digits, or 0x.. */
static bool is_number(struct slice label)
{
	bool (*is_figure)(uint8_t) = ascii_is_digit;

	if (label.len >= 2 && label.data[0] == '0' &&
	    ascii_fold(label.data[1]) == 'x') {
		slice_take(&label, 2);
		is_figure = is_hex;
	}
	for (size_t i = 0; i < label.len; i++) {
		if (!is_figure(label.data[i]))
			return false;
	}
	return true;
}

static struct slice last_label(struct slice name)
{
	size_t dot;

	while ((dot = find_octet(name, '.')) < name.len)
		slice_take(&name, dot + 1);
	return name;
}

static enum authority_fault read_name(struct slice text, struct slice *out)
{
	enum authority_fault fault;

	if (text.len == 0)
		return AUTHORITY_EMPTY;
	for (size_t i = 0; i < text.len; i++) {
		if (!is_name_octet(text.data[i]))
			return AUTHORITY_OCTET;
	}
	if (text.len > NAME_MAX_LEN)
		return AUTHORITY_TOO_LONG;
	fault = check_labels(text);
	if (fault == AUTHORITY_FINE && is_number(last_label(text)))
		fault = AUTHORITY_NUMBER;
	if (fault == AUTHORITY_FINE)
		*out = text;
	return fault;
}

/* inet_pton wants a string: a NUL inside must not end it early. */
static bool read_address(int family, struct slice text, uint8_t *out)
{
	char copy[INET6_ADDRSTRLEN];

	if (text.len == 0 || text.len >= sizeof(copy) ||
	    find_octet(text, '\0') < text.len)
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	return inet_pton(family, copy, out) == 1;
}

static bool read_ipv6(struct slice text, uint8_t *out)
{
	if (text.len < 2 || text.data[text.len - 1] != ']')
		return false;
	slice_take(&text, 1);
	text.len--;
	return read_address(AF_INET6, text, out);
}

enum authority_fault authority_read_host(struct slice text,
                                         struct authority_host *out)
{
	struct authority_host host = { 0 };
	enum authority_fault fault = AUTHORITY_FINE;

	if (text.len > 0 && text.data[0] == '[') {
		host.kind = AUTHORITY_IPV6;
		if (!read_ipv6(text, host.address))
			fault = AUTHORITY_BAD_IPV6;
	} else if (read_address(AF_INET, text, host.address)) {
		host.kind = AUTHORITY_IPV4;
	} else {
		host.kind = AUTHORITY_NAME;
		fault = read_name(text, &host.name);
	}
	if (fault == AUTHORITY_FINE)
		*out = host;
	return fault;
}

bool authority_read_port(struct slice text, uint16_t *out)
{
	uint32_t port = 0;

	if (text.len < 2 || text.len > 1 + PORT_DIGITS_MAX ||
	    text.data[0] != ':' || text.data[1] == '0')
		return false;
	for (size_t i = 1; i < text.len; i++) {
		if (!ascii_is_digit(text.data[i]))
			return false;
		port = port * 10 + (uint32_t)(text.data[i] - '0');
	}
	if (port > PORT_MAX)
		return false;
	*out = (uint16_t)port;
	return true;
}

bool authority_same_host(const struct authority_host *a,
                         const struct authority_host *b)
{
	return a->kind == b->kind && ascii_same(a->name, b->name) &&
	       memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

bool authority_is_below(const struct authority_host *host,
                        const struct authority_host *parent)
{
	struct slice tail = host->name;

	if (host->kind != AUTHORITY_NAME || tail.len < parent->name.len + 2)
		return false;
	slice_take(&tail, tail.len - parent->name.len - 1);
	return slice_take(&tail, 1).data[0] == '.' &&
	       ascii_same(tail, parent->name);
}

bool authority_is_loopback(const struct authority_host *host)
{
	static const uint8_t ipv4[AUTHORITY_IPV6_LEN] = { 127, 0, 0, 1 };
	static const uint8_t ipv6[AUTHORITY_IPV6_LEN] = { [15] = 1 };

	switch (host->kind) {
	case AUTHORITY_NAME:
		return ascii_same(host->name, slice_from_text("localhost"));
	case AUTHORITY_IPV4:
		return memcmp(host->address, ipv4, sizeof(ipv4)) == 0;
	case AUTHORITY_IPV6:
		return memcmp(host->address, ipv6, sizeof(ipv6)) == 0;
	}
	return false;
}
