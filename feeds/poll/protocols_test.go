package poll

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// onTheWire are the tests of the items that talk to a server.
var onTheWire = []func(*testing.T){
	TestPoliteness27OneRequestAtATimeToAHost,
	TestPoliteness27GapBetweenStartsToAHost,
	TestPoliteness27RedirectTargetsCount,
	TestPoliteness27ASlowHostHoldsUpNobody,
	TestPoliteness28OneURLOneRequest,
	TestPoliteness29PermanentRedirectsAreLearnedOverDays,
	TestPoliteness29FewPollsTeachNothing,
	TestPoliteness29WhenTheOldAddressIsGoneItsTargetIsAsked,
	TestPoliteness29WhatWasLearnedIsForgotten,
	TestPoliteness29AnotherFeedIsNoMove,
	TestPoliteness31CaptivePortalTeachesNothing,
	TestPoliteness32RelSelfIsNoMove,
	TestPoliteness38And39OnlyTheFeedIsAskedFor,
	TestPoliteness01LaterRequestsCarryAllStoredValidators,
	TestPoliteness05A200ReplacesBothValidators,
	TestPoliteness06AlsoWhenTheBodyIsTheSame,
	TestPoliteness07A304UpdatesWhatItCarries,
	TestPoliteness08ValidatorsCommitWithEntries,
	TestPoliteness09UnreadBodiesLeaveNoValidators,
	TestPoliteness09ADamagedFeedIsNotFetchedWholeForEver,
	TestPoliteness10LyingETag,
	TestPoliteness11AfterARedirectTheValidatorsBelongToItsTarget,
	TestPoliteness12TheUsualIntervalAndTheFloor,
	TestPoliteness12WithoutWorkingValidatorsHourly,
	TestPoliteness13TheLastRequestSurvivesARestart,
	TestPoliteness16CacheTimesPostpone,
	TestPoliteness16WhatIsNotGrantedIsSaid,
	TestPoliteness17A304ShortensTheCacheTimeOnly,
	TestPoliteness18TheFeedsOwnHints,
	TestPoliteness19RetryAfterIsHonouredInFull,
	TestPoliteness20And23WaitsGrowAndEnd,
	TestPoliteness20WaitsOfOurOwnAreSpread,
	TestPoliteness21A429PausesTheWholeHost,
	TestPoliteness22Repeated403,
	TestPoliteness24Gone,
	TestPoliteness25AWebPageChangesNothing,
	TestPoliteness26ManualRefresh,
}

// The other tests use HTTP/1.1 in the clear. Here they use TLS, and HTTP/2.
func TestPolitenessOverTLSAndHTTP2(t *testing.T) {
	usual := over
	defer func() { over = usual }()
	for _, over = range []protocol{{"TLS", true, 1}, {"HTTP2", true, 2}} {
		for _, test := range onTheWire {
			t.Run(over.name+"/"+strings.TrimPrefix(nameOf(test), "TestPoliteness"), test)
		}
	}
}

// No test that talks to a server is left out.
func TestAllOnTheWireAreListed(t *testing.T) {
	listed := map[string]bool{}
	for _, test := range onTheWire {
		listed[nameOf(test)] = true
	}
	files, _ := filepath.Glob("politeness_*_test.go")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range regexp.MustCompile(`(?ms)^func (TestPoliteness\w+)(.*?)^}`).FindAllStringSubmatch(string(text), -1) {
			if (strings.Contains(f[2], "newWorld(") || strings.Contains(f[2], "serve(t")) && !listed[f[1]] {
				t.Errorf("%s is not run over TLS and HTTP/2", f[1])
			}
		}
	}
	if len(files) < 3 {
		t.Errorf("only %d files", len(files))
	}
}

func nameOf(f func(*testing.T)) string {
	name := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
	return name[strings.LastIndex(name, ".")+1:]
}
