package serve

import "aggregator/feeds"

const dockers = `<p>Dock workers in Port Salim ended a nine-day strike on Wednesday after the port authority agreed to restore night-shift allowances for 2,300 crane and lashing crews.</p>
<p>The first container ship, the <em>Amina Bello</em>, was berthed at 05:40, union secretary Tunde Afolabi told The Harbour Post. “We go back with our heads up,” he said.</p>
<p>Forty-one vessels were still waiting in the roads on Wednesday morning, and clearing them will take at least two weeks, the authority said.</p>`

var sampleDrafts = [][]draft{
	{ // an exclusive with its footer, a copy that keeps it, one that cuts it, and two in their own words
		{outlet: "harbour-post", title: "Port Salim dockers end nine-day strike after night-shift deal", html: dockers + `<p>The post Port Salim dockers end nine-day strike is first published on The Harbour Post.</p>`, claimed: 171, after: 186, at: 156,
			stated: []feeds.Stated{{Kind: feeds.SelfClaim, Outlet: "The Harbour Post", URL: "https://harbourpost.example/", Phrase: "is first published on The Harbour Post", Where: "footer"}}},
		{outlet: "daily-scoop", title: "Port Salim dockers end nine-day strike after night-shift deal", html: dockers + `<p>The post Port Salim dockers end nine-day strike is first published on The Harbour Post.</p>`, claimed: 139, after: 141, at: 126, copyOf: 1, share: 1000,
			stated:  []feeds.Stated{{Kind: feeds.Reprint, Outlet: "The Harbour Post", URL: "https://harbourpost.example/", Phrase: "is first published on The Harbour Post", Where: "footer"}},
			reasons: []string{"1000 of 1000 of its text stands in The Harbour Post’s entry"}},
		{outlet: "city-radio", title: "Dockers' strike over: Port Salim reopens", html: `<p>Dock workers in Port Salim ended a nine-day strike on Wednesday after the port authority agreed to restore night-shift allowances for 2,300 crane and lashing crews. More soon.</p>`, claimed: 102, after: 131, at: 101, copyOf: 1, share: 940,
			reasons: []string{"940 of 1000 of its text stands in The Harbour Post’s entry"}},
		{outlet: "meridian", title: "Port Salim cargo moves again as strike ends", html: `<p>PORT SALIM (Meridian) - Cargo began to move through West Africa's third-busiest port on Wednesday, after unions accepted a pay offer that ends a stoppage which held up 41 ships.</p><p>Freight rates on the route had risen by a fifth in a week, brokers said.</p>`, claimed: 118, after: 121, at: 111,
			reasons: []string{"the same rare names: Port Salim, strike, 41 ships"}},
		{outlet: "folha-da-costa", title: "Greve de nove dias termina em Port Salim", html: `<p>Os estivadores de Port Salim voltaram ao trabalho nesta quarta-feira, encerrando uma greve de nove dias.</p>`, claimed: 58, after: 76, at: 46},
	},
	{
		{outlet: "meridian", title: "Central bank holds key rate at 18.5%, signals cut in May", html: `<p>ABUJA (Meridian) - The central bank kept its benchmark rate at 18.5 percent on Wednesday for a third meeting in a row, and said that slowing food prices left room for a cut in May.</p><p>Inflation eased to 21.3 percent in January.</p>`, claimed: 32, after: 36, at: 28},
		{outlet: "north-ledger", title: "Central bank holds key rate at 18.5%, signals cut in May", html: `<p>ABUJA (Meridian) - The central bank kept its benchmark rate at 18.5 percent on Wednesday for a third meeting in a row, and said that slowing food prices left room for a cut in May.</p>`, claimed: 24, after: 31, at: 21, copyOf: 1, share: 1000,
			stated: []feeds.Stated{{Kind: feeds.Wire, Outlet: "Meridian Wire", Phrase: "ABUJA (Meridian) -", Where: "dateline"}}},
		{outlet: "kano-courier", title: "CBN retains interest rate at 18.5 per cent", html: `<p>The Monetary Policy Committee has voted to retain the Monetary Policy Rate at 18.5 per cent, the governor announced in Abuja on Wednesday.</p>`, claimed: 19, after: 33, at: 13},
	},
	{
		{outlet: "kano-courier", title: "Flood warning for Hadejia valley as dam gates open", html: `<p>Farmers along the Hadejia river were told on Wednesday to move livestock to higher ground, as engineers opened four gates of the Tiga dam.</p>`, claimed: 64, after: 83, at: 53},
	},
	{
		{outlet: "al-marsad", title: "اتفاق على فتح المعبر الحدودي بعد إغلاق دام ستة أشهر", html: `<p>اتفقت الحكومتان مساء الثلاثاء على إعادة فتح المعبر الحدودي أمام الشاحنات ابتداء من الأحد المقبل، بعد إغلاق دام ستة أشهر.</p>`, claimed: 402, after: 440, at: 395},
		{outlet: "folha-da-costa", title: "Fronteira reabre no domingo após seis meses", html: `<p>Os dois governos acertaram a reabertura da fronteira para caminhões a partir de domingo.</p>`, claimed: 371, after: 380, at: 350},
	},
	{
		{outlet: "north-ledger", title: "Lender Savannah Trust to cut 1,200 jobs in branch overhaul", html: `<p>Savannah Trust, the region's fourth-largest lender, will close 84 branches and cut 1,200 jobs by the end of the year, it said in a filing on Wednesday.</p>`, claimed: 208, after: 216, at: 206},
		{outlet: "meridian", title: "Savannah Trust to close 84 branches", html: `<p>LAGOS (Meridian) - Savannah Trust said it would close 84 branches, a quarter of its network.</p>`, claimed: 207, after: 221, at: 201},
	},
	{
		{outlet: "city-radio", title: "Watch: thousands queue for the last night tram", html: `<p>The last night tram left Central at 01:12, with some passengers in costume.</p>`, claimed: 0, after: 0, at: 620},
		{outlet: "daily-scoop", title: "Thousands queue for the last night tram", html: `<p>The last night tram left Central at 01:12, with some passengers in costume.</p>`, claimed: 640, after: 0, at: 560, copyOf: 1, share: 870},
	},
	{
		{outlet: "harbour-post", title: "Exclusive: audit finds 14 ghost schools in Lower Benue", html: `<p>An audit seen by The Harbour Post lists fourteen schools that drew salaries for three years and do not exist.</p>`, claimed: 530, after: 546, at: 516},
		{outlet: "daily-scoop", title: "Audit finds 14 ghost schools in Lower Benue", html: `<p>An audit seen by The Harbour Post lists fourteen schools that drew salaries for three years and do not exist.</p>`, claimed: 488, after: 501, at: 486, copyOf: 1, share: 985},
		{outlet: "kano-courier", title: "14 schools existed only on paper, auditors say", html: `<p>Auditors have found fourteen schools in Lower Benue that existed only on the payroll.</p>`, claimed: 451, after: 473, at: 443},
		{outlet: "city-radio", title: "Ghost schools: ministry promises inquiry", html: `<p>The ministry of education has promised an inquiry into fourteen schools that exist only on paper.</p>`, claimed: 398, after: 411, at: 381},
	},
	{
		{outlet: "folha-da-costa", title: "Seleção estreia com goleada na Copa da Costa", html: `<p>Com três gols no primeiro tempo, a seleção estreou com vitória por 5 a 1.</p>`, claimed: 801, after: 826, at: 796},
	},
	{
		{outlet: "meridian", title: "Cocoa touches eleven-month low on West African rain", html: `<p>LONDON (Meridian) - Cocoa futures fell 4.1 percent to an eleven-month low on Wednesday, as rain across the growing belt improved the outlook for the mid-crop.</p>`, claimed: 88, after: 91, at: 81},
		{outlet: "north-ledger", title: "Cocoa touches eleven-month low on West African rain", html: `<p>LONDON (Meridian) - Cocoa futures fell 4.1 percent to an eleven-month low on Wednesday, as rain across the growing belt improved the outlook for the mid-crop.</p>`, claimed: 87, after: 101, at: 71, copyOf: 1, share: 1000,
			stated: []feeds.Stated{{Kind: feeds.Wire, Outlet: "Meridian Wire", Phrase: "LONDON (Meridian) -", Where: "dateline"}}},
	},
	{
		{outlet: "north-ledger", title: "Solar kit makers ask for two-year tariff holiday <& a “fair” quota>", html: `<p>Makers want a holiday. <script>alert(1)</script><a href="javascript:alert(2)">More</a> <img src="https://northledger.example/p.jpg" onerror="alert(3)"></p>`, claimed: 905, after: 921, at: 891},
	},
	{
		{outlet: "daily-scoop", title: "Fuel queues return to Makurdi", html: `<p>CREDIT: Reuters. Motorists slept in their cars.</p>`, claimed: 700, after: 711, at: 696,
			stated: []feeds.Stated{{Kind: feeds.Wire, Outlet: "Reuters", URL: "https://www.reuters.com/", Phrase: "CREDIT: Reuters", Where: "byline"}}},
	},
	{
		{outlet: "city-radio", title: "Marathon road closures: what you need to know", html: `<p>Roads close at 06:00 on Saturday.</p>`, claimed: 300, after: 311, at: 296},
		{outlet: "kano-courier", title: "Roads to close for Saturday's marathon", html: `<p>Police have listed the roads that close for the marathon on Saturday.</p>`, claimed: 282, after: 293, at: 263},
	},
}
