/* SPDX-License-Identifier: Apache-2.0 */
/* What the checks of one app found: a list that grows, yet not without end,
 * because a broken tree has as many findings as files. */
#ifndef HEALTH_FINDING_H
#define HEALTH_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/name.h"
#include "health/check_id.h"

#define FINDINGS_PER_CHECK_MAX 1000 /* kept; the others are counted */

/* What the administrator can do about it; each is one line for the shell or
 * for a person, made from app, version and --root. */
enum remedy {
	REMEDY_NONE,    /* of what is well; else REMEDY_AGAIN takes its place */
	REMEDY_AGAIN,   /* look again, once what is said is seen to */
	REMEDY_FIRST,   /* see to another finding first */
	REMEDY_RIGHTS,  /* look again with more rights */
	REMEDY_SETUP,   /* set the app up, with a key */
	REMEDY_CONFIG,  /* correct the configuration */
	REMEDY_TRUST,   /* look at the trusted keys */
	REMEDY_ROOT,    /* get a newer trusted root */
	REMEDY_OWNER,   /* give a file back to its owner */
	REMEDY_INSTALL, /* install the release again, which repairs it */
	REMEDY_EVIDENCE,  /* the same, once its bundle has what is missing */
	REMEDY_UNINSTALL, /* remove a release that is of no use */
	REMEDY_ROLLBACK,  /* go back */
	REMEDY_ACTIVATE,  /* make a release current */
	REMEDY_RECOVER,   /* finish or undo what was under way */
	REMEDY_EXTRA,     /* remove a file, or ignore it */
	REMEDY_PRUNE,     /* make room */
	REMEDY_RECORD,    /* run the full check that --quick relies on */
	REMEDY_LINK,      /* take away what is no link, and make it one */
	REMEDY_PREVIOUS,  /* name the release to go back to */
	REMEDY_HISTORY,   /* move the damaged history aside */
	REMEDY_TAMPER,    /* find out who took lines from it */
	/* Of machine and service: */
	REMEDY_KERNEL,   /* boot a newer one */
	REMEDY_TIME,     /* set and synchronise the clock */
	REMEDY_YAMA,     /* turn it on */
	REMEDY_WSL,      /* set it up as it must be */
	REMEDY_PROFILES, /* load security profiles */
	REMEDY_ENFORCE,  /* have one forbid */
	REMEDY_UNITS,    /* look at units */
	REMEDY_SERVICE,  /* look at what the service says */
	/* Of container engines: */
	REMEDY_ENGINE_RIGHTS,  /* run it as one who may ask */
	REMEDY_ENGINE_START,   /* start it */
	REMEDY_ENGINE_INSTALL, /* install one */
	REMEDY_ENGINE_POLICY,  /* change what runs, or what may */
	REMEDY_ENGINE_UPGRADE, /* get a newer one */
	REMEDY_ENGINE_PRUNE,   /* make room where it stores */
	REMEDY_CGROUPS,        /* boot with version 2 */
	REMEDY_RUNTIME,        /* make a runtime known */
	REMEDY_SECCOMP,        /* turn it on */
	REMEDY_APPARMOR,       /* the same */
	REMEDY_COMPOSE,        /* install the plugin */
	REMEDY_PULL,           /* get an image */
	REMEDY_RECREATE,       /* make a container anew */
	REMEDY_CONTAINER,      /* look at a container's log */
	REMEDY_START,          /* start containers */
	REMEDY_SIGN,           /* sign an image, or name who does */
	REMEDY_PUSH,           /* push an image, or correct its name */
	REMEDY_LOGIN,          /* give credentials for a registry */
	REMEDY_NETWORK,        /* look at the way to a registry */
	REMEDY_REGISTRY        /* look at network and credentials */
};

struct finding {
	enum check_id check;
	enum severity severity;
	char *object; /* owned; "1.4.2/bin/tool", "current", or "" */
	char *text;   /* owned; one line without control characters */
	char *remedy; /* owned; one line; "" where there is no trouble */
};

/* [severity] of the configuration.  What is well stays well, and what could
 * not be judged stays unknown unless it is ignored. */
enum verdict {
	VERDICT_AS_FOUND,
	VERDICT_WARNING,
	VERDICT_CRITICAL,
	VERDICT_IGNORE /* does not apply, and says what it was */
};

struct findings {
	struct finding *items; /* owned; in the order of the checks */
	size_t count;
	size_t capacity;
	char app[APP_SIZE];
	char current[VERSION_SIZE]; /* the current release, or "" */
	const char *root; /* borrowed; "/" or what --root says, for remedies */
	/* What the administrator makes of each check; by default as found. */
	enum verdict verdicts[CHECK_COUNT];
	/* Of all, also of those not kept: */
	enum severity worst;
	enum severity worst_of[CHECK_COUNT];
	uint64_t counts[SEVERITY_COUNT];
	size_t kept[CHECK_COUNT];
	uint64_t dropped[CHECK_COUNT]; /* beyond FINDINGS_PER_CHECK_MAX */
};

#define FINDINGS_NONE ((struct findings){ .root = "/" })
#define AUTO_FINDINGS AUTO(findings_done)

/** findings_done - release all; the list is empty afterwards. */
void findings_done(struct findings *list);

/* All of a finding but its text. */
struct judgement {
	enum check_id check;
	enum severity severity;
	const char *version; /* for the remedy; NULL where none is meant */
	const char *object;  /* NULL: the version, or nothing */
	enum remedy remedy;
	uint64_t alike; /* further ones that it stands for */
};

/**
 * findings_add - note what was found.
 * @fmt: in a few words, no full stop; what is quoted may hold anything, and
 *       control characters are replaced.
 *
 * Returns 0, or -1 with ERR_SYSTEM without memory; the list is then as before.
 */
int findings_add(struct findings *list, const struct judgement *judgement,
                 struct err *err, const char *fmt, ...)
	PRINTF_LIKE(4, 5) MUST_CHECK;

/** findings_has - whether @check has found anything yet. */
bool findings_has(const struct findings *list, enum check_id check);

#endif
