/* SPDX-License-Identifier: Apache-2.0 */
#include "health/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define FINDING_TEXT_MAX 1024 /* bytes, with the NUL */
#define FINDINGS_FIRST   32   /* items allocated at first */

/* In each, '@' stands for --app and --root, '#' for the version. */
static const char *const remedies[] = {
	[REMEDY_NONE] = "",
	[REMEDY_AGAIN] = "see to what it says, then: check-health @",
	[REMEDY_FIRST] = "see to that first; check-health @ tells of all",
	[REMEDY_RIGHTS] = "run check-health as root",
	[REMEDY_SETUP] = "install-package setup @ --key PUB",
	[REMEDY_CONFIG] = "correct the line that is named",
	[REMEDY_TRUST] = "install-package trust list @",
	[REMEDY_ROOT] = "put a newer trusted root of that Sigstore instance in "
			"its place (for GitHub's: gh attestation "
			"trusted-root); see install-package trust list @",
	[REMEDY_OWNER] = "find out who changed it, then chown root: and "
			 "chmod go-w it",
	[REMEDY_INSTALL] = "install-package install @ --version # "
			   "--bundle FILE",
	[REMEDY_EVIDENCE] = "add what is missing to its bundle "
			    "(package-release sign, attest or attach), then "
			    "install-package install @ --version # "
			    "--bundle FILE",
	[REMEDY_UNINSTALL] = "install-package uninstall # @",
	[REMEDY_ROLLBACK] = "install-package rollback @",
	[REMEDY_ACTIVATE] = "install-package activate VERSION @",
	[REMEDY_RECOVER] = "install-package recover @",
	[REMEDY_EXTRA] = "remove it, or name it in ignore of [check] in the "
			 "configuration",
	[REMEDY_PRUNE] = "install-package prune @",
	[REMEDY_KERNEL] = "boot a newer kernel",
	[REMEDY_TIME] = "timedatectl set-ntp true",
	[REMEDY_WSL] = "set systemd=true under [boot] of /etc/wsl.conf, and "
		       "run wsl --update in Windows",
	[REMEDY_YAMA] = "sysctl kernel.yama.ptrace_scope=1",
	[REMEDY_PROFILES] = "apparmor_parser -r the profile's file",
	[REMEDY_ENFORCE] = "aa-enforce the profile's file",
	[REMEDY_UNITS] = "systemctl status of it, and journalctl -u",
	[REMEDY_SERVICE] = "look at the logs of the service",
	[REMEDY_RECORD] = "check-health @ --record",
	[REMEDY_LINK] = "move it aside; install-package activate VERSION @ "
			"sets it anew",
	[REMEDY_PREVIOUS] = "none is needed until you go back: "
			    "install-package rollback @ --to VERSION",
	[REMEDY_TAMPER] = "find out who took lines from it; journalctl -t "
			  "install-package may still have them",
	[REMEDY_HISTORY] = "keep a copy of it, then remove the damaged lines",
	[REMEDY_ENGINE_RIGHTS] = "run check-health as root, or as a user whom "
				 "that group holds",
	[REMEDY_ENGINE_START] = "systemctl restart docker (or: systemctl "
				"enable --now podman.socket), then journalctl "
				"-u docker",
	[REMEDY_ENGINE_INSTALL] = "install Docker Engine, or write engine = "
				  "none in [container] of the configuration",
	[REMEDY_ENGINE_POLICY] = "use another engine, or change engine, "
				 "allow_podman or rootless in [container] of "
				 "the configuration",
	[REMEDY_ENGINE_UPGRADE] = "upgrade the engine's package",
	[REMEDY_ENGINE_PRUNE] = "docker system prune (or: podman system prune)",
	[REMEDY_CGROUPS] = "boot with systemd.unified_cgroup_hierarchy=1",
	[REMEDY_RUNTIME] = "install it, and name it in the runtimes of "
			   "/etc/docker/daemon.json (or containers.conf)",
	[REMEDY_SECCOMP] = "remove seccomp-profile from "
			   "/etc/docker/daemon.json, and restart the engine",
	[REMEDY_APPARMOR] = "install apparmor, and restart the engine",
	[REMEDY_COMPOSE] = "install the package docker-compose-plugin (or "
			   "docker-compose-v2)",
	[REMEDY_PULL] = "docker pull (or: podman pull) what is named, by its "
			"digest",
	[REMEDY_RECREATE] = "make the container anew from the image that is "
			    "pinned",
	[REMEDY_SIGN] = "cosign sign what is named, by its digest, or correct "
			"images_signed in [container] of the configuration",
	[REMEDY_REGISTRY] = "look at the network, and at docker_config, "
			    "ca_file and proxy in [source] of the "
			    "configuration",
	[REMEDY_PUSH] = "push it there by its digest, or correct REGISTRY and "
			"IMAGE_PREFIX of the release's profile",
	[REMEDY_LOGIN] = "give this host the right to pull: docker_config in "
			 "[source] of the configuration (docker login writes "
			 "such a file)",
	[REMEDY_NETWORK] = "look at the network, and at ca_file, proxy and "
			   "allow_plain_http in [source] of the configuration",
	[REMEDY_START] = "start the app's containers, or write expect = none "
			 "in [container] of the configuration",
	[REMEDY_CONTAINER] =
		"docker logs (or: podman logs) and the container's "
		"name",
};

void findings_done(struct findings *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].object);
		free(list->items[i].text);
		free(list->items[i].remedy);
	}
	free(list->items);
	*list = FINDINGS_NONE;
}

/* A copy that cannot drive a terminal: of what is no printable UTF-8 only
 * ASCII stays. */
static char *copy_printable(const char *text)
{
	size_t len = strlen(text);
	char *copy = strdup(text);

	if (copy == NULL || text_is_printable(text, len))
		return copy;
	for (char *c = copy; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
			*c = '?';
	return copy;
}

static int write_app(const struct findings *list, struct buf *out,
                     struct err *err)
{
	if (buf_printf(out, err, "--app %s", list->app) < 0)
		return -1;
	if (strcmp(list->root, "/") == 0)
		return 0;
	return buf_printf(out, err, " --root '%s'", list->root);
}

/* Whoever reads of trouble reads what to do about it, and nobody else. */
static enum remedy remedy_of(const struct judgement *judgement)
{
	if (judgement->severity <= SEVERITY_OK)
		return REMEDY_NONE;
	return judgement->remedy != REMEDY_NONE ? judgement->remedy
	                                        : REMEDY_AGAIN;
}

static int write_remedy(const struct findings *list,
                        const struct judgement *judgement, struct buf *out,
                        struct err *err)
{
	const char *version = judgement->version;

	for (const char *c = remedies[remedy_of(judgement)]; *c != '\0'; c++) {
		int written;

		if (*c == '@')
			written = write_app(list, out, err);
		else if (*c == '#')
			written = buf_adds(
				out, version != NULL ? version : "VERSION",
				err);
		else
			written = buf_add(out, c, 1, err);
		if (written < 0)
			return -1;
	}
	return 0;
}

static int grow(struct findings *list, struct err *err)
{
	size_t capacity =
		list->capacity > 0 ? list->capacity * 2 : FINDINGS_FIRST;
	struct finding *items;

	if (list->count < list->capacity)
		return 0;
	items = reallocarray(list->items, capacity, sizeof *items);
	if (items == NULL)
		return err_nomem(err);
	list->items = items;
	list->capacity = capacity;
	return 0;
}

static int keep(struct findings *list, const struct judgement *judgement,
                const char *text, struct err *err)
{
	const char *object = judgement->object;
	AUTO_BUF struct buf remedy = BUF_NONE;
	AUTO_FREE char *owned_object = NULL;
	AUTO_FREE char *owned_text = NULL;
	AUTO_FREE char *owned_remedy = NULL;

	if (object == NULL)
		object = judgement->version != NULL ? judgement->version : "";
	if (grow(list, err) < 0 ||
	    write_remedy(list, judgement, &remedy, err) < 0)
		return -1;
	owned_object = copy_printable(object);
	owned_text = copy_printable(text);
	owned_remedy = copy_printable(buf_text(&remedy));
	if (owned_object == NULL || owned_text == NULL || owned_remedy == NULL)
		return err_nomem(err);
	list->items[list->count++] =
		(struct finding){ .check = judgement->check,
		                  .severity = judgement->severity,
		                  .object = TAKE_PTR(owned_object),
		                  .text = TAKE_PTR(owned_text),
		                  .remedy = TAKE_PTR(owned_remedy) };
	list->kept[judgement->check]++;
	return 0;
}

static enum severity weigh(enum verdict verdict, enum severity found)
{
	if (found <= SEVERITY_OK)
		return found;
	switch (verdict) {
	case VERDICT_AS_FOUND:
		break;
	case VERDICT_WARNING:
		return found == SEVERITY_UNKNOWN ? found : SEVERITY_WARNING;
	case VERDICT_CRITICAL:
		return found == SEVERITY_UNKNOWN ? found : SEVERITY_CRITICAL;
	case VERDICT_IGNORE:
		return SEVERITY_NOT_APPLICABLE;
	}
	return found;
}

/* Keep what @found comes to; what is ignored says what it was. */
static int keep_weighed(struct findings *list, const struct judgement *found,
                        const char *text, struct err *err)
{
	struct judgement weighed = *found;
	char ignored[FINDING_TEXT_MAX + sizeof "ignored (critical): "];

	weighed.severity = weigh(list->verdicts[found->check], found->severity);
	if (weighed.severity == found->severity ||
	    weighed.severity != SEVERITY_NOT_APPLICABLE)
		return keep(list, &weighed, text, err);
	(void)snprintf(ignored, sizeof ignored, "ignored (%s): %s",
	               severity_name(found->severity), text);
	return keep(list, &weighed, ignored, err);
}

bool findings_has(const struct findings *list, enum check_id check)
{
	return list->kept[check] > 0;
}

static void count(struct findings *list, const struct judgement *judgement)
{
	enum check_id check = judgement->check;
	enum severity severity =
		weigh(list->verdicts[check], judgement->severity);

	list->counts[severity] += 1 + judgement->alike;
	if (severity > list->worst_of[check])
		list->worst_of[check] = severity;
	if (severity > list->worst)
		list->worst = severity;
}

int findings_add(struct findings *list, const struct judgement *judgement,
                 struct err *err, const char *fmt, ...)
{
	char text[FINDING_TEXT_MAX];
	va_list args;

	if (list->kept[judgement->check] >= FINDINGS_PER_CHECK_MAX) {
		list->dropped[judgement->check] += 1 + judgement->alike;
	} else {
		va_start(args, fmt);
		/* What does not fit is cut: the object is whole. */
		(void)vsnprintf(text, sizeof text, fmt, args);
		va_end(args);
		if (keep_weighed(list, judgement, text, err) < 0)
			return -1;
	}
	count(list, judgement);
	return 0;
}
