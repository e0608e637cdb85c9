/* SPDX-License-Identifier: Apache-2.0 */
/* What verify-worker needs of libcrypto, in a process that has just begun, has
 * no file system and a wrong clock.  What it shall verify is made by a second
 * process and sent to it, so that nothing of libcrypto was used before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/init.h"
#include "crypto/note.h"
#include "crypto/sct.h"
#include "crypto/timestamp.h"
#include "make_sct.h"
#include "make_timestamp.h"
#include "privsep/sanitizer.h"
#include "privsep/seccomp.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define BORN     INT64_C(1700000000)
#define PIECE    16384

/* --- the clock: libcrypto's calls come here --- */

static time_t clock_says;

time_t time(time_t *out)
{
	if (out != NULL)
		*out = clock_says;
	return clock_says;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	(void)zone;
	*out = (struct timeval){ .tv_sec = clock_says };
	return 0;
}

/* --- what is sent --- */

enum piece {
	LEAF,
	ROOT,
	LOG,
	TSA,
	STAMP,
	RSA_KEY,
	RSA_SIGNATURE,
	ED_KEY,
	ED_SIGNATURE,
	PIECES
};

static const uint8_t text[] = "what is signed";
static const struct bytes message = { text, sizeof text - 1 };

/* One packet each. */
static void send_piece(int fd, const void *data, int len)
{
	if (len <= 0 || len > PIECE ||
	    send(fd, data, (size_t)len, MSG_NOSIGNAL) != len)
		_exit(1);
}

static void send_der(int fd, unsigned char *der, int len)
{
	send_piece(fd, der, len);
	OPENSSL_free(der);
}

static void send_certificate(int fd, X509 *x509)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x509, &der);

	send_der(fd, der, len);
}

static void send_key(int fd, EVP_PKEY *pkey)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(pkey, &der);

	send_der(fd, der, len);
}

static void send_signed(int fd, const char *kind, const EVP_MD *hash)
{
	EVP_PKEY *pkey = make_key(kind);
	uint8_t signature[SIGNATURE_SPACE];
	size_t len = make_signature(pkey, hash, message, signature);

	send_key(fd, pkey);
	send_piece(fd, signature, (int)len);
	EVP_PKEY_free(pkey);
}

static void send_stamp(int fd, X509 *tsa, EVP_PKEY *key)
{
	struct timestamp_plan plan = { .signer = tsa,
		                       .key = key,
		                       .seconds = (long)BORN + 1 };
	TS_RESP *response = make_timestamp(&plan, message);
	unsigned char *der = NULL;
	int len = i2d_TS_RESP(response, &der);

	send_der(fd, der, len);
	TS_RESP_free(response);
}

/* In the order of enum piece. */
static void send_all(int fd)
{
	EVP_PKEY *root_key = make_key("P-384"), *key = make_key("P-256");
	struct certificate_plan ca = { "Root",
		                       root_key,
		                       NULL,
		                       NULL,
		                       BORN,
		                       BORN + 9,
		                       { PLAN_CA, { NULL, NULL } } };
	X509 *root = make_certificate(&ca);
	struct certificate_plan below = {
		"leaf",
		key,
		root,
		root_key,
		BORN,
		BORN + 9,
		{ { "keyUsage", "critical,digitalSignature" },
		  { "extendedKeyUsage", "codeSigning" },
		  { "subjectAltName", "email:a@example.org" },
		  { "1.3.6.1.4.1.57264.1.8", "ASN1:UTF8:https://x" },
		  { NULL, NULL } }
	};
	struct sct_plan sct = { .log = key, .ms = (uint64_t)BORN * 1000 };
	X509 *leaf = make_logged(&below, &sct, 1);
	struct certificate_plan stamper = { "TSA",
		                            key,
		                            root,
		                            root_key,
		                            BORN,
		                            BORN + 9,
		                            { PLAN_TSA, { NULL, NULL } } };
	X509 *tsa = make_certificate(&stamper);

	send_certificate(fd, leaf);
	send_certificate(fd, root);
	send_key(fd, key);
	send_certificate(fd, tsa);
	send_stamp(fd, tsa, key);
	send_signed(fd, "RSA", EVP_sha256());
	send_signed(fd, "ED25519", NULL);
	X509_free(leaf);
	X509_free(root);
	X509_free(tsa);
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(key);
}

/* --- the process without anything --- */

struct received {
	uint8_t data[PIECES][PIECE];
	struct bytes pieces[PIECES];
};

static int receive_all(int fd, struct received *all)
{
	for (size_t i = 0; i < PIECES; i++) {
		struct iovec room = { all->data[i], PIECE };
		struct msghdr header = { .msg_iov = &room, .msg_iovlen = 1 };
		ssize_t len = recvmsg(fd, &header, 0);

		if (len <= 0)
			return -1;
		all->pieces[i] = (struct bytes){ all->data[i], (size_t)len };
	}
	return 0;
}

static int verify_certificate(const struct bytes *pieces, struct err *err)
{
	AUTO_CERTIFICATE struct certificate leaf = CERTIFICATE_NONE;
	AUTO_CERTIFICATE struct certificate issuer = CERTIFICATE_NONE;
	AUTO_CERTIFICATE_CHAIN struct certificate_chain authority =
		CERTIFICATE_CHAIN_NONE;
	AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
	struct ct_log log = { &key, { { BORN, 0 }, { BORN, 0 } } };
	static struct claims claims;
	struct sct sct;

	if (certificate_parse(pieces[LEAF], &leaf, err) < 0 ||
	    certificate_claims(&leaf, &claims, err) < 0 ||
	    certificate_chain_add(&authority, pieces[ROOT], err) < 0 ||
	    certificate_verify(&leaf, &authority, NULL, BORN, &issuer, err) <
	            0 ||
	    public_key_from_spki(pieces[LOG], &key, err) < 0)
		return -1;
	return sct_verify(&leaf, &issuer, &log, 1, &sct, err);
}

static int verify_stamp(const struct bytes *pieces, struct err *err)
{
	AUTO_CERTIFICATE_CHAIN struct certificate_chain authority =
		CERTIFICATE_CHAIN_NONE;
	struct instant time;

	if (certificate_chain_add(&authority, pieces[TSA], err) < 0 ||
	    certificate_chain_add(&authority, pieces[ROOT], err) < 0)
		return -1;
	return timestamp_verify(pieces[STAMP], message, &authority, &time, err);
}

static int verify_signature(struct bytes spki, struct bytes signature,
                            struct err *err)
{
	AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;

	if (public_key_from_spki(spki, &key, err) < 0)
		return -1;
	return public_key_verify(&key, message, signature, err);
}

/* Whether libcrypto would see the clock of this test. */
static bool has_wrong_clock(void)
{
	ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
	bool is_ours =
		now != NULL && ASN1_TIME_cmp_time_t(now, clock_says) == 0;

	ASN1_TIME_free(now);
	return is_ours;
}

static int verify_all(int fd, struct err *err)
{
	static struct received all;
	const struct bytes *pieces = all.pieces;

	if (crypto_init(err) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    seccomp_enter_pure(err) != 1)
		return -1;
	if (!has_wrong_clock())
		return err_set(err, ERR_INTERNAL, 0, "clock of the host");
	if (receive_all(fd, &all) < 0)
		return err_set(err, ERR_INTERNAL, 0, "nothing to verify");
	if (verify_certificate(pieces, err) < 0 ||
	    verify_stamp(pieces, err) < 0 ||
	    verify_signature(pieces[RSA_KEY], pieces[RSA_SIGNATURE], err) < 0)
		return -1;
	return verify_signature(pieces[ED_KEY], pieces[ED_SIGNATURE], err);
}

static void be_isolated(int fd)
{
	struct err err = { 0 };
	char said[ERR_TEXT_MAX];

	if (verify_all(fd, &err) < 0)
		(void)err_format(&err, said, sizeof said);
	else
		(void)snprintf(said, sizeof said, "all verified");
	(void)!send(fd, said, strlen(said), 0);
	_exit(0);
}

struct clock_case {
	const char *name;
	time_t says;
};

static const struct clock_case clocks[] = {
	{ "1971", 40000000 },
	{ "2045", 2380000000 },
};

static void needs_neither_files_nor_a_clock(const struct clock_case *c)
{
	char said[ERR_TEXT_MAX + 1] = "killed";
	int pair[2], status;
	pid_t isolated, sender;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	clock_says = c->says;
	isolated = fork();
	if (isolated == 0)
		be_isolated(pair[1]);
	sender = fork();
	if (sender == 0) {
		send_all(pair[0]);
		_exit(0);
	}
	(void)close(pair[1]);
	assert_int_equal(waitpid(sender, &status, 0), sender);
	assert_int_equal(waitpid(isolated, &status, 0), isolated);
	(void)recv(pair[0], said, sizeof said - 1, 0);
	(void)close(pair[0]);
	if (strcmp(said, "all verified") != 0 || status != 0)
		fail_msg("in %s: %s (status %d)", c->name, said, status);
}

static void in_1971(void **state)
{
	(void)state;
	needs_neither_files_nor_a_clock(&clocks[0]);
}

static void in_2045(void **state)
{
	(void)state;
	needs_neither_files_nor_a_clock(&clocks[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_1971),
		cmocka_unit_test(in_2045),
	};

#ifdef HAS_SANITIZER
	(void)printf("1..0 # SKIP the sanitizer needs more calls\n");
	return 0;
#endif
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
