/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/certificate.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "doctor/quote.h"
#include "doctor/report.h"
#include "doctor/secure.h"

#define STEP "certificate"
#define NAMES_BYTES 512
#define TIME_BYTES 32
#define FEW_DAYS 7

enum fault_kind {
	FAULT_OTHER = 0,
	FAULT_ISSUER,
	FAULT_EXPIRED,
	FAULT_NOT_YET,
	FAULT_NAME,
};

/* OpenSSL says the same in several ways, one after the other. */
static enum fault_kind kind_of(int code)
{
	switch (code) {
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_CERT_UNTRUSTED:
		return FAULT_ISSUER;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return FAULT_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return FAULT_NOT_YET;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return FAULT_NAME;
	default:
		return FAULT_OTHER;
	}
}

static void write_name(const GENERAL_NAME *name, char *out, size_t size)
{
	const ASN1_STRING *text = NULL;
	char address[INET6_ADDRSTRLEN] = "";

	if (name->type == GEN_DNS)
		text = name->d.dNSName;
	else if (name->type == GEN_IPADD)
		text = name->d.iPAddress;
	if (!text)
		return;

	const uint8_t *octets = ASN1_STRING_get0_data(text);
	size_t len = (size_t)ASN1_STRING_length(text);

	if (name->type == GEN_IPADD && (len == 4 || len == 16)) {
		inet_ntop(len == 4 ? AF_INET : AF_INET6, octets, address,
		          sizeof address);
		snprintf(out, size, "%s", quote_text(address).text);
	} else if (name->type == GEN_DNS) {
		snprintf(out, size, "%s",
		         quote((struct slice){ octets, len }).text);
	}
}

/* All the names, as far as there is room. */
static void write_names(X509 *leaf, char names[NAMES_BYTES])
{
	GENERAL_NAMES *list =
	    X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	size_t len = 0;

	snprintf(names, NAMES_BYTES, "no name that browsers go by");
	for (int i = 0; i < sk_GENERAL_NAME_num(list); i++) {
		char name[QUOTE_BYTES] = "";

		write_name(sk_GENERAL_NAME_value(list, i), name, sizeof name);
		if (!*name || len + strlen(name) + 3 > NAMES_BYTES)
			continue;
		len += (size_t)snprintf(names + len, NAMES_BYTES - len, "%s%s",
		                        len > 0 ? ", " : "", name);
	}
	GENERAL_NAMES_free(list);
}

static void write_time(const ASN1_TIME *time, char text[TIME_BYTES])
{
	struct tm parts;

	if (ASN1_TIME_to_tm(time, &parts) != 1 ||
	    strftime(text, TIME_BYTES, "%Y-%m-%d %H:%M UTC", &parts) == 0)
		snprintf(text, TIME_BYTES, "a time that cannot be read");
}

/* Whole days from now; 0 where they cannot be read. */
static int days_until(const ASN1_TIME *time)
{
	int days = 0;
	int seconds = 0;

	ASN1_TIME_diff(&days, &seconds, NULL, time);
	return days;
}

/* Whether the certificate says where that of its issuer is to be had: so it
 * was signed by one that stands between it and an authority. */
static bool names_issuer(X509 *certificate)
{
	AUTHORITY_INFO_ACCESS *list =
	    X509_get_ext_d2i(certificate, NID_info_access, NULL, NULL);
	bool names = false;

	for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(list); i++) {
		const ACCESS_DESCRIPTION *entry =
		    sk_ACCESS_DESCRIPTION_value(list, i);

		if (OBJ_obj2nid(entry->method) == NID_ad_ca_issuers)
			names = true;
	}
	AUTHORITY_INFO_ACCESS_free(list);
	return names;
}

static void tell_issuer(struct report *report, const struct secure_fault *fault,
                        SSL *tls)
{
	STACK_OF(X509) *sent = SSL_get_peer_cert_chain(tls);
	int count = sk_X509_num(sent);
	X509 *last = sk_X509_value(sent, count - 1);
	struct quote issuer = quote_text(fault->issuer);

	if (fault->code == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT) {
		report_wrong(report, STEP,
		             "signed by itself (%s): no browser trusts it",
		             issuer.text);
		report_mend("get one from an authority that browsers know; "
		            "for your own network, import this one into each "
		            "browser and give it to --ca");
	} else if (fault->code != X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN &&
	           names_issuer(last)) {
		report_wrong(
		    report, STEP,
		    "chain incomplete: of the %d sent the last is issued "
		    "by %s, which is missing",
		    count, issuer.text);
		report_mend("append the certificate of that issuer to the "
		            "file in certificate of the listener's tls (the "
		            "\"full chain\")");
	} else {
		report_wrong(report, STEP,
		             "unknown issuer %s: neither trusted here nor "
		             "sent along by one that is",
		             issuer.text);
		report_mend("if that is your own authority: give its "
		            "certificate to --ca here and import it into the "
		            "browsers; if it stands between: append its "
		            "certificate to the file of the listener's tls");
	}
}

static void tell_name(struct report *report, const struct secure *secure,
                      X509 *leaf)
{
	char names[NAMES_BYTES];

	write_names(leaf, names);
	report_wrong(report, STEP, "for another name: it has %s, wanted is %s",
	             names, quote_text(secure->url->host).text);
	report_mend("use a name that it has, or get a certificate that has "
	            "DNS:%s among its alternative names",
	            secure->url->host);
}

static X509 *at_depth(SSL *tls, int depth)
{
	STACK_OF(X509) *sent = SSL_get_peer_cert_chain(tls);

	return sk_X509_value(sent, depth < sk_X509_num(sent) ? depth : 0);
}

static void tell_time(struct report *report, const struct secure_fault *fault,
                      X509 *certificate)
{
	bool is_over = fault->code == X509_V_ERR_CERT_HAS_EXPIRED;
	const ASN1_TIME *time = is_over ? X509_get0_notAfter(certificate)
	                                : X509_get0_notBefore(certificate);
	const char *whose = fault->depth == 0 ? "" : "of the issuer ";
	char text[TIME_BYTES];

	write_time(time, text);
	if (is_over) {
		report_wrong(report, STEP, "%sexpired since %s (days ago: %d)",
		             whose, text, -days_until(time));
		report_mend("renew it: put the new one where certificate and "
		            "key of the listener's tls point, and make "
		            "postern read it (reload, or restart)");
	} else {
		report_wrong(
		    report, STEP,
		    "%snot yet valid, only from %s on (days to go: %d)", whose,
		    text, days_until(time));
		report_mend("look at the clock of this machine and of the "
		            "one that made it; else wait, or get another");
	}
}

static void tell_other(struct report *report, const struct secure_fault *fault)
{
	report_wrong(report, STEP, "%s (certificate %d of the chain, by %s)",
	             X509_verify_cert_error_string(fault->code),
	             fault->depth + 1, quote_text(fault->issuer).text);
	report_mend("get a certificate without this fault: browsers refuse "
	            "it");
}

static void tell_fault(struct report *report, const struct secure *secure,
                       const struct secure_fault *fault, SSL *tls)
{
	switch (kind_of(fault->code)) {
	case FAULT_ISSUER:
		tell_issuer(report, fault, tls);
		break;
	case FAULT_EXPIRED:
	case FAULT_NOT_YET:
		tell_time(report, fault, at_depth(tls, fault->depth));
		break;
	case FAULT_NAME:
		tell_name(report, secure, at_depth(tls, 0));
		break;
	case FAULT_OTHER:
		tell_other(report, fault);
		break;
	}
}

/* Whether one of the same kind has been told. */
static bool is_told(const struct secure *secure, size_t index)
{
	enum fault_kind kind = kind_of(secure->faults[index].code);

	for (size_t i = 0; i < index; i++) {
		if (kind != FAULT_OTHER &&
		    kind_of(secure->faults[i].code) == kind)
			return true;
	}
	return false;
}

static void tell_good(X509 *leaf)
{
	const ASN1_TIME *end = X509_get0_notAfter(leaf);
	int days = days_until(end);
	char names[NAMES_BYTES];
	char until[TIME_BYTES];
	char issuer[256];

	write_names(leaf, names);
	write_time(end, until);
	X509_NAME_oneline(X509_get_issuer_name(leaf), issuer, sizeof issuer);
	report_ok(STEP, "for %s, issued by %s, good until %s (days left: %d)",
	          names, quote_text(issuer).text, until, days);
	if (days < FEW_DAYS)
		report_note(
		    STEP,
		    "few days are left (%d): see that it is renewed and "
		    "that postern reads the new one",
		    days);
}

bool certificate_tell(struct report *report, const struct secure *secure,
                      SSL *tls)
{
	X509 *leaf = SSL_get0_peer_certificate(tls);

	if (!leaf) {
		report_wrong(report, STEP, "the server sent none");
		return false;
	}
	for (size_t i = 0; i < secure->fault_count; i++) {
		if (!is_told(secure, i))
			tell_fault(report, secure, &secure->faults[i], tls);
	}
	if (secure->fault_count == 0)
		tell_good(leaf);
	return secure->fault_count == 0;
}
