# 2026-11-02 09:14:37 by RouterOS 7.16.2
# software id = 9QXJ-R4TD
#
# model = CCR2004-16G-2S+
# serial number = HGK09PD2XYZ
/ip pool
add name=customers ranges=100.64.0.10-100.64.15.254
add name=suspended ranges=10.255.255.2-10.255.255.254
/ppp profile
set *0 only-one=yes
add comment="10 Mbit/s, 800 taka" dns-server=203.0.113.53 local-address=\
    100.64.0.1 name=Home-10M only-one=yes rate-limit=10M/10M remote-address=\
    customers
add comment="20 Mbit/s, 1200 taka" dns-server=203.0.113.53 local-address=\
    100.64.0.1 name=Home-20M only-one=yes rate-limit="20M/20M 30M/30M 15M/15M \
    20/20" remote-address=customers
add comment="40 Mbit/s, 2000 taka" dns-server=203.0.113.53 local-address=\
    100.64.0.1 name=Home-40M only-one=yes rate-limit=20M/40M remote-address=\
    customers
/ppp aaa
set interim-update=5m
/ppp secret
add comment="Rahim Uddin, Savar Bazar" caller-id=48:8F:5A:00:99:7F name=\
    rahim01 password=monsoon1000 profile=Home-10M service=pppoe
add comment="Karim Ahmed, Dhanmondi 27" name=karim02 password=river1037 \
    profile=Home-20M service=pppoe
add comment="Selim Uddin, Bashundhara R/A" name=selim03 password=doel1074 \
    profile=Home-10M service=pppoe
add comment="Md. Selim, \"New Line Store\", Uttara Sector 11" name=\
    jahangir04 password=cricket1111 profile=Home-20M service=pppoe
add comment="Shahin Uddin, Mirpur 10" name=shahin05 password=lotus1148 \
    profile=Home-40M service=pppoe
add comment="Mizan Sarker, Khilgaon" name=mizan06 password="pa ss=word;5" \
    profile=Home-40M service=pppoe
add caller-id=48:8F:5A:06:D7:14 name=farhana07 password=doel1222 profile=\
    Home-20M service=pppoe
add comment="\E0\A6\AE\E0\A7\8B\E0\A6\83 \E0\A6\B6\E0\A6\BE\E0\A6\B9\E0\A6\BF\E0\
    \A6\A8, \E0\A6\AE\E0\A6\BF\E0\A6\B0\E0\A6\AA\E0\A7\81\E0\A6\B0 \E0\A7\A7\E0\
    \A7\A6" name=nasrin08 password=lemon1259 profile=Home-10M service=pppoe
add comment="Tania Khan, Rampura" name=tania09 password=doel1296 profile=\
    Home-10M service=pppoe
add comment="Sumon Uddin, Savar Bazar" name=sumon10 password="q\"uote9" \
    profile=Home-10M service=pppoe
add comment="Rubel Islam, Bashundhara R/A" name=rubel11 password=doel1370 \
    profile=Home-10M service=pppoe
add comment="House 12/B, Road 7; pays on the 5th, collects receipts at the off\
    ice, please call before you visit" name=sohel12 password=tiger1407 \
    profile=Home-10M service=pppoe
add comment="Masud Sheikh, Bashundhara R/A" caller-id=48:8F:5A:0C:91:C5 \
    name=masud13 password=shapla1444 profile=Home-10M service=pppoe
add comment="Liton Rahman, Rampura" name=liton14 password="back\\slash13" \
    profile=Home-20M service=pppoe
add comment="Habib Miah, Rampura" name=habib15 password=padma1518 \
    remote-address=100.64.15.24 service=pppoe
add comment="Nazma Uddin, Mirpur 10" name=nazma16 password=doel1555 profile=\
    Home-40M service=pppoe
add name=salma17 password=cricket1592 profile=Home-10M service=pppoe
add comment="C:\\backup user, owes \$50\?" name=ruma18 password=rickshaw1629 \
    profile=Home-20M service=pppoe
add comment="Polash Chowdhury, Savar Bazar" caller-id=48:8F:5A:12:55:E5 \
    name=polash19 password=river1666 profile=Home-10M service=pppoe
add comment="Arif Chowdhury, Bashundhara R/A" disabled=yes name=arif20 \
    password=cycle1703 profile=Home-20M service=pppoe
add comment="Imran Chowdhury, Bashundhara R/A" name=imran21 password=\
    kite1740 profile=Home-10M service=pppoe
add comment="Tanvir Khan, Khilgaon" name=tanvir22 password="dollar\$21" \
    profile=Home-20M service=pppoe
add comment="Rakib Ahmed, Mirpur 10" name=rakib23 password=padma1814 \
    profile=Home-20M service=pppoe
add comment="Sabbir Ahmed, Dhanmondi 27" name=sabbir24 password=jamuna1851 \
    profile=Home-20M service=pppoe
add comment="Mehedi Hossain, Savar Bazar" caller-id=48:8F:5A:18:86:90 name=\
    mehedi25 password=padma1888 profile=Home-20M service=pppoe
add comment="Nayeem Hossain, Mohammadpur" name=rakib.home@lastmile password=\
    kite1925 service=pppoe
add name=fahim27 password=lemon1962 profile=Home-40M service=pppoe
add comment="Rasel Ahmed, Uttara Sector 11" name=rasel28 password=shapla1999 \
    profile=Home-40M service=pppoe
add comment="Jewel Rahman, Khilgaon" name=jewel29 password=rickshaw2036 \
    profile=Home-10M service=pppoe
add comment="Shanta Chowdhury, Khilgaon" name=shanta30 password=lotus2073 \
    profile=Home-10M service=pppoe
add comment="Moushumi Miah, Khilgaon" caller-id=48:8F:5A:1E:61:22 name=\
    moushumi31 password=tiger2110 profile=Home-20M service=pppoe
add comment="Bithi Akter, Savar Bazar" name=bithi32 password=padma2147 \
    profile=Home-20M service=pppoe
add comment="Kamal Islam, Rampura" name=kamal33 password=tiger2184 profile=\
    Home-40M service=pppoe
add comment="Babul Islam, Uttara Sector 11" name=babul34 password=cycle2221 \
    profile=Home-20M remote-address=100.64.15.43 service=pppoe
add comment="Faruk Sarker, Mirpur 10" name=faruk35 password=monsoon2258 \
    profile=Home-10M service=pppoe
add comment="Monir Uddin, Uttara Sector 11" name=monir36 password=river2295 \
    profile=Home-10M service=pppoe
add caller-id=48:8F:5A:24:81:B1 name=alamin37 password=cycle2332 profile=\
    Home-40M service=pppoe
add comment="Ripon Uddin, Rampura" name=ripon38 password=doel2369 profile=\
    Home-20M service=pppoe
add comment="Sagor Islam, Mirpur 10" name=sagor39 password=doel2406 profile=\
    Home-20M service=pppoe
add comment="Shakil Miah, Savar Bazar" name=shakil40 password=doel2443 \
    profile=Home-20M service=pppoe
add comment="Ashik Begum, Mirpur 10" name=ashik41 password=cycle2480 \
    profile=Home-10M service=pppoe
add comment="Nipa Islam, Rampura" name=nipa42 password=banyan2517 profile=\
    Home-40M service=pppoe
add comment="Lipi Miah, Mohammadpur" caller-id=48:8F:5A:2A:69:B9 name=lipi43 \
    password=mango2554 profile=Home-10M service=pppoe
add comment="Rina Ahmed, Uttara Sector 11" name=rina44 password=cricket2591 \
    profile=Home-10M service=pppoe
add comment="Kajol Rahman, Mirpur 10" name=kajol45 password=banyan2628 \
    profile=Home-10M service=pppoe
add comment="Anwar Sarker, Rampura" name=anwar46 password=padma2665 profile=\
    Home-10M service=pppoe
add name=belal47 password=lemon2702 profile=Home-10M service=pppoe
add comment="Delwar Rahman, Dhanmondi 27" name=delwar48 password=hilsa2739 \
    profile=Home-20M service=pppoe
add comment="Enamul Akter, Khilgaon" caller-id=48:8F:5A:30:66:FC name=\
    enamul49 password=jamuna2776 profile=Home-40M service=pppoe
add comment="Golam Khan, Uttara Sector 11" name=golam50 password=mango2813 \
    profile=Home-20M service=pppoe
add comment="Hasan Begum, Savar Bazar" name=hasan51 password=banyan2850 \
    profile=Home-10M service=pppoe
add comment="Iqbal Akter, Rampura" name=iqbal52 password=shapla2887 profile=\
    Home-10M service=pppoe
add comment="Jamal Sheikh, Rampura" name=jamal53 password=monsoon2924 \
    profile=Home-20M remote-address=100.64.15.62 service=pppoe
add comment="Khokon Islam, Dhanmondi 27" name=khokon54 password=lotus2961 \
    profile=Home-40M service=pppoe
add comment="Latif Akter, Savar Bazar" caller-id=48:8F:5A:36:AC:68 name=\
    latif55 password=hilsa2998 profile=Home-10M service=pppoe
add comment="Mamun Miah, Uttara Sector 11" name=mamun56 password=doel3035 \
    profile=Home-10M service=pppoe
add name=nurul57 password=river3072 profile=Home-20M service=pppoe
add comment="Osman Rahman, Mirpur 10" name=osman58 password=rickshaw3109 \
    profile=Home-10M service=pppoe
add comment="Parvez Sheikh, Dhanmondi 27" name=parvez59 password=doel3146 \
    profile=Home-10M service=pppoe
add comment="Quamrul Ahmed, Khilgaon" name=quamrul60 password=lemon3183 \
    profile=Home-10M service=pppoe
